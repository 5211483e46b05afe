import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConnectionError, type Cluster } from "../../../../src/cluster/index.js";
import { savedPath, toList } from "../../../../src/core/claims/saved.js";
import { kinds, type Kind } from "../../../../src/core/kinds.js";
import type { Claim, Manifest, Volume } from "../../../../src/core/model.js";
import { InterruptedError } from "../../../../src/errors.js";
import { main } from "../../../../src/main.js";
import { startSandboxed, type Sandboxed } from "../../../support/sandboxed.js";
import { testContext, testFiles } from "../../../support/test-context.js";

let sandboxed: Sandboxed;
let serial = 0;

beforeAll(async () => {
  sandboxed = await startSandboxed();
});
afterAll(() => sandboxed.stop());

/** A write that restore sends, as the tests tell them apart. */
type Step = "try patch" | "try create" | "patch" | "create";

interface Hooks {
  before?: Partial<Record<Step, () => Promise<unknown>>>;
  after?: Partial<Record<Step, () => Promise<unknown>>>;
}

/** The cluster with something happening before or after the first write of a sort. */
function hooked(cluster: Cluster, { before = {}, after = {} }: Hooks): Cluster {
  const around = async <T>(step: Step, send: () => Promise<T>): Promise<T> => {
    const [first, last] = [before[step], after[step]];
    delete before[step];
    delete after[step];
    await first?.();
    const answer = await send();
    await last?.();
    return answer;
  };
  return new Proxy(cluster, {
    get(target, name) {
      if (name === "create") {
        return (...args: Parameters<Cluster["create"]>) =>
          around(args[2]?.dryRun ? "try create" : "create", () => target.create(...args));
      }
      if (name === "patch") {
        return (...args: Parameters<Cluster["patch"]>) =>
          around(args[3]?.dryRun ? "try patch" : "patch", () => target.patch(...args));
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A claim that was bound to a volume of nobody's driver, is saved, and is gone. */
class Left {
  readonly name = `data-db-${++serial}`;
  readonly volumeName = `pv-${serial}`;
  file: Record<string, string> = {};

  get path(): string {
    return Object.keys(this.file)[0] ?? "";
  }

  async prepare(): Promise<this> {
    const { cluster } = sandboxed;
    await cluster.create(kinds.volume, volumeManifest(this.volumeName));
    await cluster.create(kinds.claim, claimManifest(this.name, this.volumeName));
    const claim = await until(kinds.claim, this.name, (now) => now?.status?.phase === "Bound" && now);
    const volume = await this.volume();
    this.file = { [savedPath(claim.metadata)]: JSON.stringify(toList(typed(claim, volume))) };
    await cluster.delete(kinds.claim, claim.metadata);
    await until(kinds.volume, this.volumeName, (now) => now?.status?.phase === "Released");
    return this;
  }

  volume(): Promise<Volume> {
    return sandboxed.cluster.get(kinds.volume, { name: this.volumeName });
  }

  claim(): Promise<Claim> {
    return sandboxed.cluster.get(kinds.claim, { name: this.name });
  }

  /** Runs `pvc restore` on its file. */
  async restore(hooks: Hooks, words: string[] = [], signal?: AbortSignal) {
    const context = testContext({
      cluster: hooked(sandboxed.cluster, hooks),
      files: testFiles(this.file),
      ...(signal && { signal }),
    });
    const code = await main(["pvc", "restore", this.path, ...words], context);
    return { code, out: context.out.text, err: context.err.text };
  }

  async expectBound(): Promise<void> {
    const [claim, volume] = [await this.claim(), await this.volume()];
    expect(claim.status?.phase).toBe("Bound");
    expect(claim.spec.volumeName).toBe(this.volumeName);
    expect(volume.spec.claimRef?.uid).toBe(claim.metadata.uid);
  }

  /** Nothing reclaims the volume, and no other claim gets it. */
  async expectKept(): Promise<void> {
    const { spec, metadata } = await this.volume();
    expect(spec.persistentVolumeReclaimPolicy).toBe("Retain");
    expect(spec.claimRef?.name).toBe(this.name);
    expect(metadata.deletionTimestamp).toBeUndefined();
  }
}

function typed(claim: Claim, volume: Volume) {
  const [v1, named] = [{ apiVersion: "v1" }, (kind: string) => ({ apiVersion: "v1", kind })];
  return {
    claim: { ...claim, ...v1, ...named("PersistentVolumeClaim") },
    volume: { ...volume, ...v1, ...named("PersistentVolume") },
  };
}

function volumeManifest(name: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: "by-hand",
      csi: { driver: "nobody.example.com", volumeHandle: name },
    },
  };
}

function claimManifest(name: string, volumeName?: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "by-hand",
      resources: { requests: { storage: "1Gi" } },
      ...(volumeName && { volumeName }),
    },
  };
}

/** Waits by a watch. */
async function until<T extends Claim | Volume, R>(
  kind: Kind<T>,
  name: string,
  look: (now: T | undefined) => R | undefined | false,
): Promise<R> {
  const end = new AbortController();
  try {
    return await new Promise<R>((resolve) => {
      const check = () => {
        const found = look([...mirror.items.values()].find(({ metadata }) => metadata.name === name));
        if (found) resolve(found);
      };
      const mirror = sandboxed.cluster.mirror(kind, {}, { signal: end.signal, onChange: check });
    });
  } finally {
    end.abort();
  }
}

const patchVolume = (left: Left, body: object) =>
  sandboxed.cluster.patch(kinds.volume, { name: left.volumeName }, { type: "merge", body });

describe("pvc restore, raced by somebody", () => {
  it("takes a claim that was made under the name when the volume waited for it already", async () => {
    const left = await new Left().prepare();
    const ended = await left.restore({
      before: { create: () => sandboxed.cluster.create(kinds.claim, claimManifest(left.name)) },
    });
    expect([ended.code, ended.out]).toEqual([0, `persistentvolumeclaim/${left.name} restored\n`]);
    await left.expectBound();
  });

  it("leaves a claim alone that was made under the name for another volume: exit 6, its own is kept", async () => {
    const [left, other] = [await new Left().prepare(), `pv-other-${serial}`];
    await sandboxed.cluster.create(kinds.volume, volumeManifest(other));
    const before = { create: () => sandboxed.cluster.create(kinds.claim, claimManifest(left.name, other)) };
    const ended = await left.restore({ before });
    expect([ended.code, ended.out]).toEqual([6, ""]);
    expect(ended.err).toContain(
      `changed: ${left.name}: somebody made a claim of that name meanwhile, bound to ${other}`,
    );
    expect((await left.claim()).spec.volumeName).toBe(other);
    await left.expectKept();
    const again = await left.restore({});
    expect(again.code).toBe(7);
    expect(again.err).toContain(`another claim of that name is there, bound to volume ${other}`);
    await sandboxed.cluster.delete(kinds.claim, { name: left.name });
    await until(kinds.claim, left.name, (now) => now === undefined);
    expect((await left.restore({})).code).toBe(0);
    await left.expectBound();
  });

  it("goes on after another one's write to the volume", async () => {
    const left = await new Left().prepare();
    const note = () => patchVolume(left, { metadata: { annotations: { binder: "was here" } } });
    // The first patch sets Retain and has no version; the second has one.
    const ended = await left.restore({ after: { patch: note } });
    expect([ended.code, ended.out]).toEqual([0, `persistentvolumeclaim/${left.name} restored\n`]);
    await left.expectBound();
  });

  it.each([
    [
      "given to another claim",
      (left: Left) =>
        patchVolume(left, { spec: { claimRef: { name: "another", uid: null, resourceVersion: null } } }),
      "belongs to default/another now",
    ],
    [
      "deleted",
      async (left: Left) => {
        await sandboxed.cluster.delete(kinds.volume, { name: left.volumeName });
        await until(kinds.volume, left.volumeName, (now) => now === undefined);
      },
      "is gone",
    ],
  ])(
    "stops at a volume that was %s before it was reserved: exit 6, no claim made",
    async (_what, happen, said) => {
      const left = await new Left().prepare();
      const ended = await left.restore({ after: { patch: () => happen(left) } });
      expect([ended.code, ended.out]).toEqual([6, ""]);
      expect(ended.err).toContain(`changed: ${left.name}: its volume ${left.volumeName} ${said}`);
      await expect(left.claim()).rejects.toMatchObject({ reason: "NotFound" });
    },
  );

  it("refuses what the trial finds, and nothing is written", async () => {
    const left = await new Left().prepare();
    const before = { "try create": () => sandboxed.cluster.create(kinds.claim, claimManifest(left.name)) };
    const ended = await left.restore({ before });
    expect([ended.code, ended.out]).toEqual([7, ""]);
    expect(ended.err).toContain("a claim of that name was made just now");
    expect((await left.volume()).spec.persistentVolumeReclaimPolicy).toBe("Delete");
    await sandboxed.cluster.delete(kinds.claim, { name: left.name });
  });

  it("finds the claim that it made itself when the answer was lost", async () => {
    const left = await new Left().prepare();
    const lose = () => Promise.reject(new ConnectionError("the connection broke"));
    const ended = await left.restore({ after: { create: lose } });
    expect([ended.code, ended.out]).toEqual([0, `persistentvolumeclaim/${left.name} restored\n`]);
    await left.expectBound();
  });

  it("says of a claim that was deleted at once that its volume keeps the data", async () => {
    const left = await new Left().prepare();
    const after = { create: () => sandboxed.cluster.delete(kinds.claim, { name: left.name }) };
    const ended = await left.restore({ after });
    expect(ended.code).toBe(6);
    expect(ended.err).toMatch(/changed: .* (deleted it meanwhile|is not bound to it)/);
    await until(kinds.claim, left.name, (now) => now === undefined);
    await left.expectKept();
  });

  it("ends at Ctrl-C with the way to go on, and goes on", async () => {
    const left = await new Left().prepare();
    const interruption = new AbortController();
    const before = { create: async () => interruption.abort(new InterruptedError("SIGINT")) };
    const ended = await left.restore({ before }, [], interruption.signal);
    expect(ended.code).toBe(130);
    expect(ended.err).toContain("0 of 1 claims are there; the same command again goes on with the rest");
    await left.expectKept();
    expect((await left.restore({})).code).toBe(0);
    await left.expectBound();
  });
});
