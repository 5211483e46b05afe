import { beforeEach, describe, expect, it } from "vitest";
import { pvcCleanupCommand } from "../../../../src/commands/pvc-cleanup.js";
import { Input } from "../../../../src/commands/shared/input.js";
import { exitCodeOf } from "../../../../src/errors.js";
import { testContext } from "../../../support/test-context.js";
import { FakeCluster } from "../fake-cluster.js";

const now = Date.parse("2026-01-31T00:00:00Z");
let fake: FakeCluster;

function putSet(replicas: number, fields: object = {}) {
  const template = { metadata: { name: "www" } };
  const spec = { replicas, selector: { matchLabels: { app: "web" } }, volumeClaimTemplates: [template] };
  return fake.put("statefulsets", { metadata: { name: "web", ...fields }, spec });
}

function putClaim(ordinal: number, fields: object = {}, status: object = {}) {
  const metadata = { name: `www-web-${ordinal}`, labels: { app: "web" }, ...fields };
  const spec = {
    volumeName: `pv-${ordinal}`,
    resources: { requests: { storage: "1Gi" } },
    storageClassName: "fast",
  };
  return fake.put("persistentvolumeclaims", { metadata, spec, status });
}

function unused(since: string) {
  return { conditions: [{ type: "Unused", status: "True", lastTransitionTime: since }] };
}

beforeEach(() => {
  fake = new FakeCluster();
  putSet(3);
  for (const ordinal of [0, 1, 2, 3, 4]) {
    putClaim(ordinal, {}, unused("2026-01-28T00:00:00Z"));
    const claimRef = { uid: `uid-www-web-${ordinal}` };
    fake.put("persistentvolumes", {
      metadata: { name: `pv-${ordinal}` },
      spec: { persistentVolumeReclaimPolicy: ordinal === 3 ? "Retain" : "Delete", claimRef },
    });
  }
});

async function run(flags: Record<string, string>, args = ["web"], answer?: string) {
  const clock = { now: () => now, sleep: async () => undefined, after: () => () => undefined };
  const readLine = async () => answer;
  const stdin = { isTerminal: answer !== undefined, readAll: async () => Buffer.alloc(0), readLine };
  const context = testContext({ cluster: fake.asCluster(), clock, stdin });
  const values = new Map(Object.entries(flags).map(([name, value]) => [name, [value]]));
  const options = pvcCleanupCommand.options(new Input(args, [], values));
  const code = await pvcCleanupCommand.run(options, context).catch((error: unknown) => {
    context.err.write(`${(error as Error).message}\n`);
    return exitCodeOf(error);
  });
  return { code, out: context.out.text, err: context.err.text };
}

describe("pvc cleanup", () => {
  it("names the same sets in the command that tells why claims are left alone", async () => {
    putClaim(4, { labels: {} });
    const said = (which: string) =>
      `left alone: 1 claim (1Gi) ambiguous: sts pvc list ${which} --state=ambiguous -o wide says why\n`;
    expect((await run({ selector: "app in (web)", yes: "true" }, [])).err).toContain(
      said("-l 'app in (web)'"),
    );
    expect((await run({ context: "prod", yes: "true" })).err).toContain(said("web --context=prod"));
  });

  it("takes of a set that is named as deleted only the templates that are named", async () => {
    const managedFields = [
      { manager: "kube-controller-manager", fieldsV1: { "f:spec": { "f:accessModes": {} } } },
    ];
    for (const name of ["data-old-0", "log-old-0"])
      putClaim(0, { name, labels: { app: "old" }, managedFields }, unused("2026-01-28T00:00:00Z"));
    const { code, out } = await run({ set: "old", template: "log", yes: "true" }, []);
    expect(code).toBe(0);
    expect(out).toBe('persistentvolumeclaim "log-old-0" deleted\n');
    expect((await run({ set: "old", template: "wal", yes: "true" }, [])).err).toBe("Nothing to clean up.\n");
  });

  it("shows, asks, and deletes after a yes", async () => {
    const { code, out, err } = await run({}, ["web"], "y");
    expect(code).toBe(0);
    expect(out).toBe(
      'persistentvolumeclaim "www-web-3" deleted\npersistentvolumeclaim "www-web-4" deleted\n',
    );
    expect(err).toBe(
      [
        "Left over from default/web (replicas 3), scaled-down, in no pod's use:",
        "  www-web-3  unused for 3 days  1Gi  fast  Retain: the volume stays, Released",
        "  www-web-4  unused for 3 days  1Gi  fast  Delete: the volume and its data are destroyed",
        "In all 2 claims, 2Gi: 1Gi destroyed, 1Gi kept",
        "--backup=DIR saves the objects first, --keep-data keeps the volumes.",
        "Delete these 2 claims? [y/N] ",
      ].join("\n"),
    );
  });

  it.each([
    ["a no", "n"],
    ["nothing", ""],
    ["something else", "yess"],
  ])("deletes nothing after %s", async (_, answer) => {
    expect((await run({}, ["web"], answer)).code).toBe(7);
    expect(fake.deleted).toEqual([]);
  });

  it("refuses without a terminal and without --yes", async () => {
    const { code, out } = await run({});
    expect([code, out, fake.deleted]).toEqual([7, "", []]);
  });

  it("changes nothing in a dry run", async () => {
    const { code, out } = await run({ "dry-run": "client" });
    expect([code, fake.deleted]).toEqual([0, []]);
    expect(out).toContain('persistentvolumeclaim "www-web-3" deleted (dry run)\n');
  });

  it("chooses by age, and says when there is nothing to do", async () => {
    const { code, err } = await run({ "older-than": "7d", yes: "true" });
    expect([code, fake.deleted]).toEqual([0, []]);
    expect(err).toContain("Nothing to clean up.");
    expect((await run({ "older-than": "2d", yes: "true" })).code).toBe(0);
    expect(fake.deleted).toEqual(["www-web-3", "www-web-4"]);
  });

  it("treats everything as autoscaled where autoscalers may not be read", async () => {
    fake.forbidden = ["horizontalpodautoscalers", "persistentvolumes"];
    const { code, err } = await run({ yes: "true" });
    expect([code, fake.deleted]).toEqual([0, []]);
    expect(err).toContain("note: horizontalpodautoscalers may not be read here");
    const included = await run({ yes: "true", include: "autoscaled" });
    expect([included.code, fake.deleted]).toEqual([0, ["www-web-3", "www-web-4"]]);
    expect(included.err).toContain("may destroy data");
  });
});

describe("a race between showing and deleting", () => {
  it("leaves alone what a scale-up wants, exit 6", async () => {
    fake.beforeDelete = (name) => name === "www-web-3" && putSet(5);
    const { code, err } = await run({ yes: "true", concurrency: "1" });
    // www-web-3 was on its way when the set was scaled up: its volume is kept instead.
    expect([code, fake.deleted]).toEqual([6, ["www-web-3"]]);
    expect(err).toContain("skipped: www-web-4: it is reserved now");
    expect(err).toContain("wanted: www-web-3: became wanted while it was being deleted");
  });

  it("keeps the volume of a claim that becomes wanted after its deletion", async () => {
    fake.afterDelete = (name) => name === "www-web-4" && putSet(5);
    const { code, err } = await run({ yes: "true", concurrency: "1" });
    expect(code).toBe(6);
    const kept = fake.objects.get("persistentvolumes/pv-4") as { spec?: object } | undefined;
    expect(kept?.spec).toMatchObject({ persistentVolumeReclaimPolicy: "Retain" });
    expect(err).toContain(
      [
        "its volume pv-4 now has reclaim policy Retain and keeps the data. To get it back:",
        "  sts scale web --replicas=4",
        "  kubectl delete pvc www-web-4 --ignore-not-found",
        `  kubectl patch pv pv-4 --type=merge -p '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'`,
        "  sts scale web --replicas=5",
      ].join("\n"),
    );
  });

  it("counts the way back from the sets as the server has them, when the watch is behind", async () => {
    fake.silent = ["statefulsets"];
    fake.afterDelete = (name) => name === "www-web-4" && putSet(7);
    const { code, err } = await run({ yes: "true", concurrency: "1" });
    expect(code).toBe(6);
    expect(err).toMatch(
      /get it back:\n {2}sts scale web --replicas=4\n(.*\n){2} {2}sts scale web --replicas=7\n/,
    );
  });

  it.each<[string, () => unknown, string]>([
    ["a claim made anew", () => putClaim(3, { uid: "another" }), "it was made anew under the same name"],
    [
      "a pod that came back",
      () =>
        fake.put("pods", {
          metadata: { name: "x" },
          spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "www-web-3" } }] },
        }),
      "it is in-use now (mounted by pod x)",
    ],
    [
      "a set that was deleted",
      () => fake.remove("statefulsets", "web"),
      "it is set-deleted now (StatefulSet web is gone)",
    ],
    [
      "an owner that appeared",
      () =>
        putClaim(
          3,
          {
            ownerReferences: [{ apiVersion: "v1", kind: "Database", name: "d", uid: "d", controller: true }],
          },
          unused("2026-01-28T00:00:00Z"),
        ),
      "it is ambiguous now (its controller is Database d)",
    ],
    ["a use in between", () => putClaim(3, {}, unused("2026-01-30T00:00:00Z")), "it was used meanwhile"],
  ])("skips %s, exit 6", async (_, change, why) => {
    // The change comes with the question, after everything was shown.
    const readLine = {
      isTerminal: true,
      readAll: async () => Buffer.alloc(0),
      readLine: async () => (change(), "y"),
    };
    const clock = { now: () => now, sleep: async () => undefined, after: () => () => undefined };
    const context = testContext({ cluster: fake.asCluster(), clock, stdin: readLine });
    const code = await pvcCleanupCommand.run(
      pvcCleanupCommand.options(new Input(["web"], [], new Map())),
      context,
    );
    expect(code).toBe(6);
    expect(fake.deleted).not.toContain("www-web-3");
    expect(context.err.text).toContain(`skipped: www-web-3: ${why}`);
  });

  it("is not stopped by a write that changed nothing of account", async () => {
    let writes = 0;
    fake.beforeDelete = (name) => {
      if (name !== "www-web-3" || writes > 1) return;
      writes += 1;
      putClaim(3, { annotations: { note: String(writes) } }, unused("2026-01-28T00:00:00Z"));
    };
    expect((await run({ yes: "true" })).code).toBe(0);
    expect(writes).toBe(2);
    expect(fake.deleted.sort()).toEqual(["www-web-3", "www-web-4"]);
  });
});
