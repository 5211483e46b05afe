import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, Store, type Versioned, entryOf, isNewer } from "../../../src/cluster/watch/store.js";

const object = (name: string, uid: string, version: string | number): Entry<Versioned> => {
  const metadata = { name, uid, namespace: "default", resourceVersion: String(version) };
  return entryOf<Versioned, Versioned>({ metadata }, (whole) => whole);
};
const told = (changes: Iterable<{ type: string; object: Versioned }>): string[] =>
  [...changes].map(({ type, object: { metadata } }) => `${type} ${metadata.uid}@${metadata.resourceVersion}`);

test("what is newer modifies, what is as old or older is ignored", () => {
  const store = new Store<Versioned>();
  expect(told(store.put(object("a", "u", 5)))).toEqual(["added u@5"]);
  expect(told(store.put(object("a", "u", 5)))).toEqual([]);
  expect(told(store.put(object("a", "u", 4)))).toEqual([]);
  const [change] = store.put(object("a", "u", 10));
  expect(change).toMatchObject({ type: "modified", previous: { metadata: { resourceVersion: "5" } } });
});

test("an event that comes after the deletion does not bring the object back, but a newer one does", () => {
  const store = new Store<Versioned>();
  store.put(object("a", "u", 5));
  expect(told(store.remove(object("a", "u", 7)))).toEqual(["deleted u@7"]);
  expect(told(store.put(object("a", "u", 6)))).toEqual([]);
  expect(told(store.remove(object("a", "u", 7)))).toEqual([]);
  // It left the selector and came back: the same UID, later.
  expect(told(store.put(object("a", "u", 9)))).toEqual(["added u@9"]);
  expect(told(store.remove(object("a", "u", 8)))).toEqual([]);
});

test("another UID under a name is another object: the old one is deleted first", () => {
  const store = new Store<Versioned>();
  store.put(object("a", "old", 5));
  expect(told(store.put(object("a", "new", 6)))).toEqual(["deleted old@5", "added new@6"]);
  expect([...store.items.keys()]).toEqual(["new"]);
});

test("a relist is compared by UID: deletions first, unchanged objects say nothing", () => {
  const store = new Store<Versioned>();
  for (const known of [object("same", "s", 1), object("changed", "c", 2), object("remade", "old", 3)])
    store.put(known);
  const listed = [
    object("same", "s", 1),
    object("changed", "c", 8),
    object("remade", "new", 9),
    object("born", "b", 9),
  ];
  expect(told(store.replace(listed))).toEqual(["deleted old@3", "modified c@8", "added new@9", "added b@9"]);
});

test("versions are compared as numbers of any length; others only for being different", () => {
  expect(isNewer("10", "9")).toBe(true);
  expect(isNewer("18446744073709551616", "18446744073709551615")).toBe(true);
  expect(isNewer("9", "10")).toBe(false);
  expect(isNewer("abc", "abd")).toBe(true);
  expect(isNewer("abc", "abc")).toBe(false);
});

test("whatever is repeated or comes late, the mirror ends as the server does", () => {
  type Step = { uid: string; deleted: boolean };
  const step = fc.record({ uid: fc.constantFrom("a", "b", "c"), deleted: fc.boolean() });
  const late = fc.array(fc.nat(), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), late, (steps: Step[], repeats) => {
      const truth = new Map<string, string>();
      const history = steps.flatMap(({ uid, deleted }, index) => {
        if (deleted && !truth.has(uid)) return [];
        const version = String(index + 1);
        if (deleted) truth.delete(uid);
        else truth.set(uid, version);
        return [{ object: object(uid, uid, version), deleted }];
      });
      const store = new Store<Versioned>();
      const apply = (event: (typeof history)[number] | undefined): void => {
        if (event?.deleted) store.remove(event.object);
        else if (event) store.put(event.object);
      };
      history.forEach((event, index) => {
        apply(event);
        for (const repeat of repeats)
          if (repeat % history.length <= index) apply(history[repeat % history.length]);
      });
      const kept = [...store.items.values()].map(({ metadata }) => [metadata.uid, metadata.resourceVersion]);
      expect(new Map(kept as [string, string][])).toEqual(truth);
    }),
  );
});

test("what was deleted is not remembered for ever", () => {
  const store = new Store<Versioned>();
  for (let index = 0; index < 5000; index += 1) {
    store.put(object(`n${index}`, `u${index}`, 1));
    store.remove(object(`n${index}`, `u${index}`, 2));
  }
  // The first is forgotten, the last is not.
  expect(told(store.put(object("n0", "u0", 1)))).toEqual(["added u0@1"]);
  expect(told(store.put(object("n4999", "u4999", 1)))).toEqual([]);
});
