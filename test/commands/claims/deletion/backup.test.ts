import { beforeEach, describe, expect, it } from "vitest";
import type { Cluster } from "../../../../src/cluster/index.js";
import { pvcCleanupCommand } from "../../../../src/commands/pvc-cleanup.js";
import { Input } from "../../../../src/commands/shared/input.js";
import type { Files } from "../../../../src/context.js";
import { fromList, saysAsMuch } from "../../../../src/core/claims/saved.js";
import { exitCodeOf } from "../../../../src/errors.js";
import { testContext, testFiles } from "../../../support/test-context.js";
import { FakeCluster } from "../fake-cluster.js";

const now = Date.parse("2026-01-31T00:00:00Z");
let fake: FakeCluster;
let disk: Record<string, string>;
let files: Files;

type Fields = { [field: string]: unknown };

function putSet(replicas: number, fields: Fields = {}) {
  const template = { metadata: { name: "www" } };
  const spec = { replicas, selector: { matchLabels: { app: "web" } }, volumeClaimTemplates: [template] };
  return fake.put("statefulsets", { metadata: { name: "web", ...fields }, spec });
}

function putClaim(ordinal: number, fields: Fields = {}) {
  const metadata = { name: `www-web-${ordinal}`, labels: { app: "web" }, ...fields };
  const spec = { volumeName: `pv-${ordinal}`, resources: { requests: { storage: "1Gi" } }, later: true };
  const kind = "PersistentVolumeClaim";
  return fake.put("persistentvolumeclaims", { kind, metadata, spec, status: {} });
}

function putVolume(ordinal: number, policy: string, uid = `uid-www-web-${ordinal}`) {
  const claimRef = { namespace: "default", name: `www-web-${ordinal}`, uid };
  const spec = { persistentVolumeReclaimPolicy: policy, claimRef };
  return fake.put("persistentvolumes", {
    kind: "PersistentVolume",
    metadata: { name: `pv-${ordinal}` },
    spec,
  });
}

const policyOf = (ordinal: number) =>
  (fake.objects.get(`persistentvolumes/pv-${ordinal}`) as Fields | undefined)?.["spec"];
const file = (ordinal: number) => `b/default/www-web-${ordinal}.uid-www-.json`;
const savedIn = (path: string) => fromList(JSON.parse(disk[path] ?? ""), path);

beforeEach(() => {
  fake = new FakeCluster();
  disk = {};
  files = testFiles(disk);
  putSet(3);
  for (const ordinal of [0, 1, 2, 3, 4]) {
    putClaim(ordinal);
    putVolume(ordinal, ordinal === 3 ? "Retain" : "Delete");
  }
});

async function run(flags: Record<string, string>, answer?: string, signal = new AbortController().signal) {
  const clock = { now: () => now, sleep: async () => undefined, after: () => () => undefined };
  const readLine = async () => answer;
  const stdin = { isTerminal: answer !== undefined, readAll: async () => Buffer.alloc(0), readLine };
  const context = testContext({ cluster: fake.asCluster(), clock, stdin, files, signal });
  const given = answer === undefined ? { yes: "true", ...flags } : flags;
  const values = new Map(Object.entries(given).map(([name, value]) => [name, [value]]));
  const options = pvcCleanupCommand.options(new Input(["web"], [], values));
  const code = await pvcCleanupCommand.run(options, context).catch((error: unknown) => {
    context.err.write(`${(error as Error).message}\n`);
    return exitCodeOf(error);
  });
  return { code, out: context.out.text, err: context.err.text };
}

describe("pvc cleanup --backup", () => {
  it("saves each chosen claim and its volume, raw, before the first deletion", async () => {
    fake.beforeDelete = () => expect(Object.keys(disk).sort()).toEqual([file(3), file(4)]);
    const { code, err } = await run({ backup: "b/" });
    expect([code, fake.deleted]).toEqual([0, ["www-web-3", "www-web-4"]]);
    const { claim, volume } = savedIn(file(4));
    expect(claim).toMatchObject({ metadata: { name: "www-web-4" }, spec: { later: true } });
    expect(volume).toMatchObject({ metadata: { name: "pv-4" } });
    expect(err).toContain(
      "saved 2 claims and 2 volumes in b/: the objects, not the data\n" +
        "  back, while the volumes are there: sts pvc restore b/\n",
    );
  });

  it("says in the document where each claim is, and which volume was kept", async () => {
    const { out } = await run({ backup: "b", "keep-data": "true", output: "json" });
    expect(JSON.parse(out)).toMatchObject({
      items: [
        { name: "www-web-3", outcome: "deleted", kept: "pv-3", savedTo: file(3) },
        { name: "www-web-4", outcome: "deleted", kept: "pv-4", savedTo: file(4) },
      ],
    });
  });

  it("saves nothing before the yes, nor in a dry run, which says what it would", async () => {
    expect((await run({ backup: "b" }, "n")).code).toBe(7);
    const { code, err } = await run({ backup: "b", "dry-run": "client" });
    expect(code).toBe(0);
    expect(err).toContain(
      "would first save 2 claims and their volumes in b: the objects, not the data (dry run)\n",
    );
    expect([disk, fake.deleted]).toEqual([{}, []]);
  });

  it.each(["EACCES: permission denied, mkdir 'b/default'", "ENOSPC: no space left on device, write"])(
    "deletes nothing where the disk says %s",
    async (problem) => {
      let left = 1;
      files = {
        ...files,
        write: async (path, text) => {
          if (left === 0) throw new Error(problem);
          left -= 1;
          disk[path] = text;
        },
      };
      const { code, err } = await run({ backup: "b" });
      expect([code, fake.deleted]).toEqual([7, []]);
      expect(err).toContain(
        `no claim was deleted, --backup is not possible: b cannot be written to: ${problem}`,
      );
    },
  );

  it("deletes nothing where volumes may not be read, and does not ask", async () => {
    fake.forbidden = ["persistentvolumes"];
    const { code, err } = await run({ backup: "b" }, "y");
    expect([code, fake.deleted, disk]).toEqual([7, [], {}]);
    expect(err).toContain(
      "no claim was deleted, --backup is not possible: persistentvolumes may not be read",
    );
    expect(err).not.toContain("[y/N]");
  });

  it("finds out after the question that volumes may not be read any more", async () => {
    const cluster = fake.asCluster();
    const stdin = {
      isTerminal: true,
      readAll: async () => Buffer.alloc(0),
      readLine: async () => ((fake.forbidden = ["persistentvolumes"]), "y"),
    };
    const context = testContext({ cluster, stdin, files });
    const options = pvcCleanupCommand.options(new Input(["web"], [], new Map([["backup", ["b"]]])));
    await expect(pvcCleanupCommand.run(options, context)).rejects.toThrow(
      /^no claim was deleted, --backup is not possible: .*persistentvolumes is forbidden/,
    );
    expect([fake.deleted, disk]).toEqual([[], {}]);
  });

  it("saves a claim that is Terminating already, and one without a volume", async () => {
    putClaim(4, { deletionTimestamp: "2026-01-30T00:00:00Z" });
    fake.put("persistentvolumeclaims", {
      kind: "PersistentVolumeClaim",
      metadata: { name: "www-web-5", labels: { app: "web" } },
      spec: { resources: { requests: { storage: "1Gi" } } },
    });
    const { err } = await run({ backup: "b", wait: "false" });
    expect(savedIn(file(4)).claim.metadata.deletionTimestamp).toBeDefined();
    expect(savedIn(file(5)).volume).toBeUndefined();
    expect(err).toContain("saved 3 claims and 2 volumes in b");
  });

  it("neither saves nor deletes a claim that was made anew after the question", async () => {
    const stdin = {
      isTerminal: true,
      readAll: async () => Buffer.alloc(0),
      readLine: async () => (putClaim(3, { uid: "another" }), "y"),
    };
    const context = testContext({ cluster: fake.asCluster(), stdin, files });
    const options = pvcCleanupCommand.options(new Input(["web"], [], new Map([["backup", ["b"]]])));
    expect(await pvcCleanupCommand.run(options, context)).toBe(6);
    expect([fake.deleted, Object.keys(disk)]).toEqual([["www-web-4"], [file(4)]]);
    expect(context.err.text).toContain("skipped: www-web-3: it was made anew under the same name");
  });

  it("stops at Ctrl-C before the first deletion", async () => {
    const interruption = new AbortController();
    files = { ...files, write: async () => interruption.abort(new Error("interrupted")) };
    const { err } = await run({ backup: "b" }, undefined, interruption.signal);
    expect(fake.deleted).toEqual([]);
    expect(err).toContain("interrupted before the first deletion; no claim is gone\n");
  });
});

describe("a second backup in the same folder", () => {
  const first = async () => {
    fake.beforeDelete = () => {
      throw new Error("killed");
    };
    await run({ backup: "b", "keep-data": "true", concurrency: "1" });
    fake.beforeDelete = () => undefined;
    return { ...disk };
  };

  it("keeps the policy of before, after a kill between keeping and deleting", async () => {
    const before = await first();
    expect(policyOf(3)).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
    putVolume(4, "Retain");
    putClaim(4, { managedFields: [], resourceVersion: "9" });
    expect((await run({ backup: "b", "keep-data": "true" })).code).toBe(0);
    expect(disk).toEqual(before);
    expect(savedIn(file(4)).volume?.spec.persistentVolumeReclaimPolicy).toBe("Delete");
  });

  it("puts an earlier one that says something else aside", async () => {
    const before = await first();
    putClaim(4, { annotations: { note: "used since" } });
    const { code, err } = await run({ backup: "b" });
    expect(code).toBe(0);
    expect(disk[`${file(4)}.1`]).toBe(before[file(4)]);
    expect(savedIn(file(4)).claim.metadata.annotations).toEqual({ note: "used since" });
    expect(err).toContain(
      `note: ${file(4)} held an earlier backup that says something else; it is ${file(4)}.1 now\n`,
    );
  });

  it("touches nothing that is no backup", async () => {
    disk[file(4)] = "precious";
    const { code, err } = await run({ backup: "b" });
    expect([code, fake.deleted, disk[file(4)]]).toEqual([7, [], "precious"]);
    expect(err).toContain(`${file(4)} is there, and is no backup of pvc cleanup: choose another directory`);
  });

  it("tells what a restore needs from what it does not", async () => {
    await first();
    const earlier = savedIn(file(4));
    const volume = earlier.volume ?? expect.fail("no volume");
    const { claim } = earlier;
    const spec = { ...volume.spec, persistentVolumeReclaimPolicy: "Retain" };
    const claimRef = { ...volume.spec.claimRef, resourceVersion: "7" };
    expect(saysAsMuch(earlier, { claim, volume: { ...volume, spec: { ...spec, claimRef } } })).toBe(true);
    expect(saysAsMuch(earlier, { claim })).toBe(true);
    expect(saysAsMuch({ claim }, earlier)).toBe(false);
    expect(saysAsMuch({ claim, volume: { ...volume, spec } }, earlier)).toBe(false);
    const others = [
      { claim: { ...claim, spec: { ...claim.spec, volumeName: "pv-9" } }, volume },
      { claim, volume: { ...volume, metadata: { ...volume.metadata, uid: "another" } } },
      { claim, volume: { ...volume, spec: { ...spec, capacity: { storage: "2Gi" } } } },
    ];
    for (const other of others) expect(saysAsMuch(earlier, other)).toBe(false);
  });
});

describe("pvc cleanup --keep-data", () => {
  it("sets every volume to Retain before its claim is deleted, and says so", async () => {
    const order: string[] = [];
    fake.afterPatch = (name) => order.push(name);
    fake.beforeDelete = (name) => order.push(name);
    const { code, out, err } = await run({ "keep-data": "true", concurrency: "1" });
    expect(code).toBe(0);
    expect(order).toEqual(["pv-3", "www-web-3", "pv-4", "www-web-4"]);
    for (const ordinal of [3, 4])
      expect(policyOf(ordinal)).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
    expect(out).toContain('persistentvolumeclaim "www-web-4" deleted (volume pv-4 kept)\n');
    expect(err).toContain("Delete, set to Retain first: the volume stays, Released\n");
    expect(err).toContain("In all 2 claims, 2Gi: 2Gi kept\n");
    expect(err).toContain("2 volumes stay, Released, until somebody deletes them: kubectl get pv\n");
  });

  it("asks for what it does, and offers only what was not given", async () => {
    const kept = await run({ "keep-data": "true" }, "n");
    expect(kept.err).toMatch(
      /\n--backup=DIR saves the objects first\.\nDelete these 2 claims and keep their volumes\? \[y\/N\] /,
    );
    const both = await run({ "keep-data": "true", backup: "b" }, "n");
    expect(both.err).not.toContain("--backup=DIR");
    const saved = await run({ backup: "b" }, "n");
    expect(saved.err).toContain("\n--keep-data keeps the volumes.\nDelete these 2 claims? [y/N] ");
    expect([fake.patched, fake.deleted]).toEqual([[], []]);
  });

  it.each<[string, () => void, string]>([
    [
      "may not be patched",
      () => (fake.readOnly = ["persistentvolumes"]),
      "persistentvolumes may not be patched",
    ],
    ["is another claim's", () => putVolume(4, "Delete", "another"), "it is not bound to this claim"],
    ["is gone", () => fake.remove("persistentvolumes", "pv-4"), "there is no such volume any more"],
    [
      "is going",
      () => {
        const spec = { claimRef: { uid: "uid-www-web-4" }, persistentVolumeReclaimPolicy: "Delete" };
        const metadata = { name: "pv-4", deletionTimestamp: "2026-01-30T00:00:00Z" };
        fake.put("persistentvolumes", { metadata, spec });
      },
      "it is being deleted already",
    ],
  ])("does not delete a claim whose volume %s", async (_, change, why) => {
    change();
    const { code, err } = await run({ "keep-data": "true" });
    expect([code, fake.deleted]).toEqual([1, ["www-web-3"]]);
    expect(err).toMatch(
      new RegExp(`error: www-web-4 was not deleted: its volume pv-4 could not be set to Retain: .*${why}`),
    );
  });

  it("does not take the server's word for a patch that it did not keep", async () => {
    fake.afterPatch = (name) => name === "pv-4" && putVolume(4, "Delete");
    const cluster = fake.asCluster();
    const { get, patch } = cluster;
    const contrary = {
      ...cluster,
      patch: async (...args: Parameters<typeof patch>) => (await patch(...args), get(args[0], args[1])),
    };
    const context = testContext({ cluster: contrary as unknown as Cluster, files });
    const flags = new Map(["yes", "keep-data"].map((flag) => [flag, ["true"]]));
    const options = pvcCleanupCommand.options(new Input(["web"], [], flags));
    expect(await pvcCleanupCommand.run(options, context)).toBe(1);
    expect(fake.deleted).toEqual(["www-web-3"]);
    expect(context.err.text).toContain("the server keeps its reclaim policy Delete");
  });

  it("judges again after the patch, and says how the policy was", async () => {
    fake.afterPatch = (name) => name === "pv-4" && putSet(5);
    const { code, err } = await run({ "keep-data": "true", concurrency: "1" });
    expect([code, fake.deleted]).toEqual([6, ["www-web-3"]]);
    expect(err).toMatch(
      /skipped: www-web-4: it is reserved now .*; its volume pv-4 has reclaim policy Retain now, /,
    );
    expect(err).toContain(
      `before it was Delete: kubectl patch pv pv-4 -p '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}'`,
    );
  });

  it("goes on over a conflict and a fault of the server, and patches once", async () => {
    let faults = 0;
    fake.beforeDelete = (name) => {
      if (name !== "www-web-4" || (faults += 1) > 2) return;
      putClaim(4, { annotations: { note: String(faults) } });
    };
    const { code } = await run({ "keep-data": "true" });
    expect([code, fake.deleted.sort(), fake.patched.sort()]).toEqual([
      0,
      ["www-web-3", "www-web-4"],
      ["pv-3", "pv-4"],
    ]);
  });

  it("keeps the volume of a claim that is Terminating already", async () => {
    putClaim(4, { deletionTimestamp: "2026-01-30T00:00:00Z" });
    const { code, out } = await run({ "keep-data": "true", wait: "false" });
    expect([code, fake.deleted]).toEqual([0, ["www-web-3"]]);
    expect(policyOf(4)).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
    expect(out).toContain('persistentvolumeclaim "www-web-4" is Terminating (volume pv-4 kept)\n');
  });

  it("lets the server check the patch in a server dry run", async () => {
    fake.readOnly = ["persistentvolumes"];
    const { out, err } = await run({ "keep-data": "true", "dry-run": "server" });
    expect(out).toBe('persistentvolumeclaim "www-web-3" deleted (volume pv-3 kept) (server dry run)\n');
    expect(err).toContain("error: www-web-4: its volume pv-4 could not be set to Retain");
    expect([fake.patched, fake.deleted]).toEqual([[], []]);
  });
});

describe("a claim that became wanted", () => {
  it("is given back by the backup that was written", async () => {
    fake.afterDelete = (name) => name === "www-web-4" && putSet(5);
    const { code, err } = await run({ backup: "my backups", concurrency: "1" });
    expect(code).toBe(6);
    expect(err).toContain(
      [
        "  sts scale web --replicas=4",
        "  kubectl delete pvc www-web-4 --ignore-not-found",
        "  sts pvc restore 'my backups' www-web-4",
        "  sts scale web --replicas=5",
      ].join("\n"),
    );
  });
});

it("keeps the volume of a claim that was Terminating before, and became wanted after it was shown", async () => {
  putClaim(4, { deletionTimestamp: "2026-01-30T00:00:00Z" });
  const stdin = {
    isTerminal: true,
    readAll: async () => Buffer.alloc(0),
    readLine: async () => (putSet(5), "y"),
  };
  const context = testContext({ cluster: fake.asCluster(), stdin, files });
  const flags = new Map([["wait", ["false"]]]);
  const code = await pvcCleanupCommand.run(pvcCleanupCommand.options(new Input(["web"], [], flags)), context);
  expect([code, fake.deleted, fake.patched]).toEqual([6, [], ["pv-4"]]);
  expect(context.err.text).toContain("wanted: www-web-4: became wanted while it was being deleted");
});

it("warns of a set that others write, before it asks", async () => {
  putSet(3, { annotations: { "meta.helm.sh/release-name": "shop" } });
  const { err } = await run({}, "n");
  expect(err).toMatch(
    /\nwarning: default\/web is managed by Helm release shop, which may want these claims back\n--backup.*\nDelete/,
  );
});

it("brings a rescue to its end also when the rest of the clean-up fails", async () => {
  let mayPatch: () => void = () => undefined;
  const patching = new Promise<void>((resolve) => (mayPatch = resolve));
  const cluster = fake.asCluster();
  const { patch } = cluster;
  const slow = {
    ...cluster,
    patch: async (...args: Parameters<typeof patch>) => (await patching, patch(...args)),
  };
  fake.afterDelete = (name) => name === "www-web-3" && putSet(4);
  fake.beforeDelete = (name) => {
    if (name !== "www-web-4") return;
    setImmediate(mayPatch);
    throw new Error("the network is gone");
  };
  const context = testContext({ cluster: slow as unknown as Cluster, files });
  const flags = new Map([
    ["yes", ["true"]],
    ["concurrency", ["1"]],
  ]);
  const options = pvcCleanupCommand.options(new Input(["web"], [], flags));
  await expect(pvcCleanupCommand.run(options, context)).rejects.toThrow("the network is gone");
  expect(fake.patched).toEqual(["pv-3"]);
  expect(context.err.text).toContain("wanted: www-web-3: became wanted while it was being deleted");
});
