import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inject, test } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { type Gateway, isApiError } from "../../../src/cluster/index.js";
import { type Kind, kinds } from "../../../src/core/kinds.js";
import type { KubeObject, Manifest, StorageClass } from "../../../src/core/model.js";
import { openKubeconfig } from "../../support/gateway.js";
import { type Result, type Running, type RunOptions, startProcess } from "./process.js";
import type { TargetName, User } from "./target.js";

/** A namespace of the run's cluster for one test, and `sts` as its user has it: a kubeconfig and an empty home. */
export interface Scenario {
  readonly target: TargetName;
  readonly namespace: string;
  readonly cluster: Gateway;
  /** The environment of every `sts`: KUBECONFIG (its context is in the namespace) and HOME. */
  readonly env: Record<string, string>;
  /** The working directory of every `sts`, empty at first. */
  readonly directory: string;
  /** Runs `sts` to its end. */
  sts(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Starts `sts`, for a test that interrupts it. It is killed after the test at the latest. */
  start(args: readonly string[], options?: RunOptions): Running;
  /** Creates what a YAML text or objects say, in the namespace where they name none. */
  create(...manifests: (string | Manifest)[]): Promise<void>;
  /** Creates a StorageClass under a name of the test's own, removed after it. Returns the name. */
  storageClass(fields?: Partial<StorageClass>): Promise<string>;
  /** An object of the namespace; undefined when there is none. */
  read<T>(kind: Kind<T>, name: string): Promise<T | undefined>;
  /** Waits, by a watch, until the objects of a kind (by name) are as `met` wants them; returns what it found. */
  until<T, R>(what: string, kind: Kind<T>, met: Condition<T, R>, timeout?: number): Promise<R>;
  /** Writes a file into the directory. Returns its path. */
  file(name: string, text: string): string;
  /** The kubeconfig of a user without rights, in the namespace. Throws on a cluster that is not ours. */
  kubeconfigOf(user: User): string;
}

type Condition<T, R> = (objects: ReadonlyMap<string, T>) => R | undefined | false;

/** `test` with a scenario of its own: `it("scales", async ({ scenario }) => …)`. */
export const it = test.extend<{ scenario: Scenario }>({
  scenario: async ({ task }, use) => {
    const opened = await openScenario(task.id.replace(/[^a-z0-9]+/gi, "-").toLowerCase());
    try {
      await use(opened.scenario);
    } finally {
      await opened.close();
    }
  },
});

let serial = 0;

async function openScenario(id: string): Promise<{ scenario: Scenario; close(): Promise<void> }> {
  const provided = inject("cluster");
  const directory = mkdtempSync(path.join(provided.directory, "scenarios", "s-"));
  const namespace = `sts-${id}-${++serial}-${Date.now().toString(36)}`.replace(/-+/g, "-").slice(0, 63);
  const home = path.join(directory, "home");
  const work = path.join(directory, "work");
  for (const folder of [home, work]) mkdirSync(folder);
  const cluster = openKubeconfig(provided.kubeconfig);
  await cluster.create(kinds.namespace, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  const running: Running[] = [];
  const removals: (() => Promise<unknown>)[] = [];
  const copy = (kubeconfig: string, name: string) => {
    const file = path.join(directory, name);
    writeFileSync(file, inNamespace(readFileSync(kubeconfig, "utf8"), namespace), { mode: 0o600 });
    return file;
  };
  const env = { KUBECONFIG: copy(provided.kubeconfig, "kubeconfig"), HOME: home };
  const start = (args: readonly string[], options?: RunOptions) => {
    const process = startProcess(args, { env, cwd: work }, options);
    running.push(process);
    return process;
  };

  const scenario: Scenario = {
    target: provided.target,
    namespace,
    cluster,
    env,
    directory: work,
    start,
    sts: (args, options) => start(args, options).ended,
    create: (...manifests) => createAll(cluster, namespace, manifests),
    async storageClass(fields = {}) {
      const name = `${namespace}-${removals.length}`.slice(-63).replace(/^-+/, "");
      removals.push(() => cluster.delete(kinds.storageClass, { name }));
      await cluster.create(kinds.storageClass, storageClassManifest(name, fields));
      return name;
    },
    read: (kind, name) => readObject(cluster, kind, kind.namespaced ? { namespace, name } : { name }),
    until: (what, kind, met, timeout) => until(cluster, kind, { what, namespace, met, timeout }),
    file(name, text) {
      const file = path.join(work, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    kubeconfigOf(user) {
      const kubeconfig = provided.users[user];
      if (!kubeconfig) throw new Error(`the cluster of this run has no user ${user}`);
      return copy(kubeconfig, `kubeconfig-${user}`);
    },
  };
  return {
    scenario,
    async close() {
      for (const process of running) process.kill("SIGKILL");
      const removed = [...removals, () => cluster.delete(kinds.namespace, { name: namespace })];
      await Promise.allSettled(removed.map((remove) => remove()));
      cluster.close();
    },
  };
}

/** The kubeconfig with its current context in a namespace, as `kubectl config set-context --current` does. */
function inNamespace(text: string, namespace: string): string {
  const config = parse(text) as {
    "current-context": string;
    contexts: { name: string; context: { namespace?: string } }[];
  };
  const current = config.contexts.find(({ name }) => name === config["current-context"]);
  if (current) current.context.namespace = namespace;
  return stringify(config);
}

async function createAll(
  cluster: Gateway,
  namespace: string,
  manifests: (string | Manifest)[],
): Promise<void> {
  const objects = manifests.flatMap((manifest) =>
    typeof manifest === "string"
      ? parseAllDocuments(manifest).flatMap((document) => (document.toJS() as Manifest | null) ?? [])
      : manifest,
  );
  for (const object of objects) {
    const kind = await cluster.kindOf(object);
    const metadata = kind.namespaced ? { namespace, ...object.metadata } : object.metadata;
    await cluster.create(kind, { ...object, metadata });
  }
}

function storageClassManifest(name: string, fields: Partial<StorageClass>): Manifest {
  const defaults = { provisioner: "sandbox.sts/volumes", allowVolumeExpansion: true };
  const { metadata, ...rest } = fields;
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    ...defaults,
    ...rest,
    metadata: { ...metadata, name },
  };
}

async function readObject<T>(
  cluster: Gateway,
  kind: Kind<T>,
  ref: { namespace?: string; name: string },
): Promise<T | undefined> {
  try {
    return await cluster.get(kind, ref);
  } catch (error) {
    if (isApiError(error, "NotFound")) return undefined;
    throw error;
  }
}

interface Wait<T, R> {
  what: string;
  namespace: string;
  met: Condition<T, R>;
  timeout?: number | undefined;
}

async function until<T, R>(
  cluster: Gateway,
  kind: Kind<T>,
  { what, namespace, met, timeout = 60_000 }: Wait<T, R>,
): Promise<R> {
  const { signal, abort } = abortable();
  let look: () => void = () => undefined;
  const mirror = cluster.mirror(kind, kind.namespaced ? { namespace } : {}, {
    signal,
    onChange: () => look(),
  });
  const byName = () =>
    new Map([...mirror.items.values()].map((object) => [(object as KubeObject).metadata.name, object]));
  let timer: NodeJS.Timeout | undefined;
  try {
    await mirror.ready;
    return await new Promise<R>((resolve, reject) => {
      const seen = () => JSON.stringify([...byName().values()], undefined, 1).slice(0, 4_000);
      const late = () => reject(new Error(`not within ${timeout} ms: ${what}\n${seen()}`));
      timer = setTimeout(late, timeout);
      look = () => {
        const found = met(byName());
        if (found !== undefined && found !== false) resolve(found);
      };
      look();
    });
  } finally {
    clearTimeout(timer);
    abort();
  }
}

function abortable(): { signal: AbortSignal; abort(): void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
