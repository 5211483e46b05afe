import { DataFolder, type Header } from "../../../src/sandbox/data/folder.js";
import type { JournalOptions } from "../../../src/sandbox/data/journal.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { Store } from "../../../src/sandbox/store/store.js";

export const header: Header = {
  format: 1,
  kubernetesVersion: "1.37",
  token: "secret",
  certificate: { key: "key", cert: "cert" },
};

export function named(name: string, fields: object = {}): AnyObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, uid: `uid-${name}` },
    ...fields,
  } as AnyObject;
}

/** A store that a folder keeps, from what it has. */
export async function openStore(dir: string, options: JournalOptions = {}) {
  const folder = await DataFolder.open(dir, options);
  const store = new Store({ from: folder.found });
  await folder.keep(folder.found?.header ?? header, store);
  return { folder, store };
}

/** What a store has, to compare. */
export function contents(store: Store): Record<string, AnyObject> {
  return Object.fromEntries(
    Array.from(store.entries(), ([resource, key, object]) => [`${resource} ${key}`, object]),
  );
}
