import { afterEach, beforeEach, expect, it } from "vitest";
import { expireEvents } from "../../src/sandbox/event-lifetime.js";
import type { AnyObject } from "../../src/sandbox/port.js";
import { Store } from "../../src/sandbox/store/store.js";
import { ManualClock } from "./controllers/manual-clock.js";

const minute = 60_000;
let clock: ManualClock;
let store: Store;
let stop: () => void;
let failures: string[];

beforeEach(() => {
  clock = new ManualClock();
  store = new Store();
  failures = [];
});

afterEach(() => stop());

function start(speed = 1): void {
  const onError = (error: unknown, key: string) => failures.push(`${key}: ${String(error)}`);
  stop = expireEvents(store, { clock, speed, onError });
}

function write(name: string, resource = "events"): void {
  const metadata = { name, namespace: "default", finalizers: ["example.com/kept"] };
  store.put(resource, `default/${name}`, { apiVersion: "v1", kind: "Event", metadata } as AnyObject);
}

const names = (resource = "events") => [...store.bucket(resource).entries()].map(([key]) => key);

it("removes an Event an hour after its last write, and nothing else", () => {
  start();
  write("first");
  write("second");
  write("web-0", "pods");
  clock.advance(30 * minute);
  write("first");
  write("third");
  clock.advance(30 * minute - 1);
  expect(names()).toEqual(["default/first", "default/second", "default/third"]);
  clock.advance(1);
  expect(names()).toEqual(["default/first", "default/third"]);
  clock.advance(30 * minute);
  expect(names()).toEqual([]);
  expect(names("pods")).toEqual(["default/web-0"]);
});

it("tells those who watch", () => {
  start();
  write("first");
  const seen: string[] = [];
  store.subscribe("events", ({ type, key }) => seen.push(`${type} ${key}`));
  clock.advance(60 * minute);
  expect(seen).toEqual(["DELETED default/first"]);
});

it("passes the hour as fast as the sandbox is", () => {
  start(60);
  write("first");
  clock.advance(minute - 1);
  expect(names()).toHaveLength(1);
  clock.advance(1);
  expect(names()).toEqual([]);
});

it("counts the hour of what was there from before from its start", () => {
  write("first");
  clock.advance(59 * minute);
  start();
  clock.advance(59 * minute);
  expect(names()).toHaveLength(1);
  clock.advance(minute);
  expect(names()).toEqual([]);
});

it("goes on with Events that come once all were gone, or were deleted by somebody", () => {
  start();
  write("first");
  const first = store.get("events", "default/first");
  if (first) store.remove("events", "default/first", first);
  clock.advance(60 * minute);
  write("first");
  clock.advance(59 * minute);
  expect(names()).toHaveLength(1);
  clock.advance(minute);
  expect(names()).toEqual([]);
});

it("tries again what could not be removed", () => {
  start();
  write("first");
  let full = true;
  store.keepIn({
    append() {
      if (full) throw new Error("disk full");
    },
  });
  clock.advance(60 * minute);
  expect(failures).toEqual(["events default/first: Error: disk full"]);
  full = false;
  clock.advance(minute);
  expect(names()).toEqual([]);
});

it("ends when it is told to", () => {
  start();
  write("first");
  stop();
  clock.advance(120 * minute);
  expect(names()).toHaveLength(1);
});
