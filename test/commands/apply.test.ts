import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareBundle, readLive, isRefused, type Prepared } from "../../src/commands/apply/prepare.js";
import { applyObjects } from "../../src/commands/apply/send.js";
import { locateObjects } from "../../src/commands/bundle/locate.js";
import { madeHere } from "../../src/commands/bundle/plan.js";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest, StatefulSet } from "../../src/core/model.js";
import { ConflictError } from "../../src/errors.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testMachine } from "../support/test-context.js";

let world: Sandboxed;
/** The release before immutable fields were named one by one, and with maxUnavailable off. */
let former: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
  former = await startSandboxed({ kubernetesVersion: "1.36.4" });
});
afterAll(async () => {
  await world.stop();
  await former.stop();
});

interface Shape {
  image?: string;
  metadata?: object;
  spec?: object;
}

function setManifest(name: string, { image = "nginx:1", metadata = {}, spec = {} }: Shape = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, ...metadata },
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image }] },
      },
      ...spec,
    },
  };
}

const apply = (on: Sandboxed, manifest: Manifest, ...flags: string[]) =>
  on.run(["apply", "-f", "-", "--no-service", ...flags], { input: JSON.stringify(manifest) });
const read = (name: string) => world.cluster.get(kinds.statefulSet, { name });
const patch = (name: string, body: object, fieldManager = "other") =>
  world.cluster.patch(kinds.statefulSet, { name }, { type: "merge", body }, { fieldManager });

describe("apply", () => {
  it("asks the server twice for each object that is as it should be, and then only watches", async () => {
    expect((await apply(world, setManifest("twice"))).code).toBe(0);
    const again = await apply(world, setManifest("twice"));
    expect(again).toMatchObject({ code: 0, out: "statefulset.apps/twice unchanged\n" });
    // Set and Service read, the dry run, the pods before, and the follower's mirrors with their confirmation.
    expect(again.requests).toBeLessThan(15);
    expect(again.err).toContain("as asked for already; nothing to change");
  });

  it("warns of who else owns a set, only when it writes", async () => {
    const metadata = { labels: { "argocd.argoproj.io/instance": "shop" } };
    await apply(world, setManifest("owned", { metadata }));
    const same = await apply(world, setManifest("owned", { metadata }));
    expect(same.err).not.toContain("warning: default/owned is managed by");
    const changed = await apply(world, setManifest("owned", { metadata, image: "nginx:2" }));
    expect(changed.err).toContain("warning: default/owned is managed by Argo CD application shop");
  });

  it("tells of an autoscaler that owns the replicas", async () => {
    await apply(world, setManifest("scaled"));
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "StatefulSet", name: "scaled" };
    await world.cluster.create(kinds.autoscaler, {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "scaled" },
      spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 5 },
    });
    const { err } = await apply(world, setManifest("scaled", { image: "nginx:2" }), "--wait=false");
    expect(err).toContain("HorizontalPodAutoscaler scaled (2 to 5 replicas) may scale it again");
    expect(err).toContain("take spec.replicas out of the manifest");
  });

  it("does not touch a set whose staging another process drives, unless there is nothing to do", async () => {
    await apply(world, setManifest("driven"));
    const holder = { who: "bob@laptop", host: "laptop", pid: 12, since: "2026-01-01T00:00:00Z" };
    const staging = JSON.stringify({ v: 1, partitionBefore: 0, holder });
    await patch("driven", { metadata: { annotations: { "sts/staging": staging } } }, "sts");
    const machine = testMachine({ isRunning: () => true });
    const run = (manifest: Manifest) =>
      world.run(["apply", "-f", "-", "--no-service"], { input: JSON.stringify(manifest), machine });
    const refused = await run(setManifest("driven", { image: "nginx:2" }));
    expect(refused).toMatchObject({ code: 6, out: "" });
    expect(refused.err).toContain("driven by bob@laptop (process 12)");
    expect((await run(setManifest("driven"))).code).toBe(0);
  });

  it("does not miss the name of a Service that the set has, and its manifest leaves out", async () => {
    const unnamed = (name: string, image: string) =>
      setManifest(name, { image, spec: { serviceName: undefined } });
    const text = "has no spec.serviceName";
    expect((await apply(world, unnamed("unnamed", "nginx:1"))).err).toContain(text);
    await world.run("create named --image=main=nginx:1 --replicas=1 --port=80 --labels=app=named".split(" "));
    const { code, err } = await apply(world, unnamed("named", "nginx:2"), "--force-conflicts");
    expect(err).not.toContain(text);
    expect(code, err).toBe(0);
  });

  it("refuses a stage of what has no partition", async () => {
    const spec = { updateStrategy: { type: "OnDelete" } };
    await apply(world, setManifest("manual", { spec }));
    const { code, err } = await apply(world, setManifest("manual", { spec, image: "nginx:2" }), "--stage=1");
    expect(err).toContain("OnDelete, which has no partition");
    expect(code).toBe(2);
  });

  it("never takes the state of a rollout from a manifest", async () => {
    const annotations = { "sts/staging": '{"v":1,"partitionBefore":0}', team: "a" };
    await apply(world, setManifest("exported", { metadata: { annotations } }));
    expect((await read("exported")).metadata.annotations).toEqual({ team: "a" });
  });

  it("decides nothing about a set that may not be read", async () => {
    await apply(world, setManifest("secret"));
    const input = JSON.stringify(setManifest("secret", { image: "nginx:2" }));
    const { code, err } = await world.run(["apply", "-f", "-", "--no-service"], { input, token: "alice" });
    expect(err).toContain('statefulsets.apps "secret" is forbidden');
    expect(err).toContain("nothing was applied");
    expect(code).toBe(1);
  });

  it("waits for nobody with --wait=false, and says what it has set going", async () => {
    await apply(world, setManifest("going"));
    const { err, out } = await apply(world, setManifest("going", { image: "nginx:2" }), "--wait=false");
    expect(out).toBe("statefulset.apps/going configured\n");
    expect(err).toBe(
      "warning: Service going does not exist: the pods get no DNS names of their own\ndefault/going: main → nginx:2\n",
    );
  });
});

describe("a new template that cannot start", () => {
  it.each([
    ["plain", {}, [], "rollout undo NAME --unstick"],
    ["parallel", { podManagementPolicy: "Parallel" }, [], "rollout undo NAME"],
    ["canary", {}, ["--stage=1"], "rollout abort NAME"],
  ])("is taken back by what gets it back: %s", async (name, spec, flags, back) => {
    await apply(world, setManifest(name, { spec }));
    const bad = setManifest(name, { spec, image: "nginx:crash-loop" });
    const { code, err } = await apply(world, bad, ...flags);
    expect(code, err).toBe(4);
    expect(err).toMatch(new RegExp(`go back +sts ${back.replace("NAME", name)}$`, "m"));
  });
});

describe("a claim template that is to grow", () => {
  it("names a command that reaches the namespace it is about", async () => {
    const spec = (storage: string) => ({
      volumeClaimTemplates: [
        {
          metadata: { name: "data" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
        },
      ],
    });
    await apply(world, setManifest("grown", { spec: spec("1Gi") }), "-n", "default", "--wait=false");
    const { code, err } = await apply(world, setManifest("grown", { spec: spec("2Gi") }), "-n", "default");
    expect(code).toBe(1);
    expect(err).toMatch(/^ {2}sts pvc resize grown data=2Gi -n default$/m);
  });
});

describe("apply on an older release", () => {
  it("reads its text about immutable fields", async () => {
    await apply(former, setManifest("old"));
    const changed = setManifest("old", { spec: { serviceName: "other", podManagementPolicy: "Parallel" } });
    const { code, err } = await apply(former, changed);
    expect(err).toContain("error: spec.serviceName of a StatefulSet cannot be changed (old → other)");
    expect(err).toContain(
      "error: spec.podManagementPolicy of a StatefulSet cannot be changed (OrderedReady → Parallel)",
    );
    const sets = "--set spec.serviceName=other --set spec.podManagementPolicy=Parallel";
    expect(err).toContain(`sts recreate old ${sets}`);
    expect(err).not.toContain("Forbidden");
    expect(code).toBe(1);
  });

  it("tells of a field that is dropped, every time, and writes nothing the second time", async () => {
    const spec = { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } };
    const text = "this server has MaxUnavailableStatefulSet off";
    expect((await apply(former, setManifest("fast", { spec }))).err).toContain(text);
    const again = await apply(former, setManifest("fast", { spec }));
    expect(again.err).toContain(text);
    expect(again.out).toBe("statefulset.apps/fast unchanged\n");
  });
});

describe("a set that moves between the trial and the write", () => {
  const rules = { fieldManager: "sts", force: false, staging: undefined };

  async function prepared(name: string, image: string): Promise<Prepared[]> {
    const plan = await locateObjects(
      world.cluster,
      [madeHere(setManifest(name, { image }), false)],
      undefined,
    );
    const checked = await prepareBundle(world.cluster, plan, await readLive(world.cluster, plan), rules);
    return checked.filter((one): one is Prepared => !isRefused(one));
  }
  const send = (ready: Prepared[]) =>
    applyObjects(world.cluster, ready, rules, new AbortController().signal, () => undefined);
  const imageOf = ({ spec }: StatefulSet) => spec.template.spec?.containers[0]?.image;

  it("is applied when only its metadata moved", async () => {
    await apply(world, setManifest("moved"));
    const ready = await prepared("moved", "nginx:2");
    await patch("moved", { metadata: { labels: { a: "b" } } });
    await send(ready);
    const set = await read("moved");
    expect(imageOf(set)).toBe("nginx:2");
    expect(set.metadata.labels).toEqual({ a: "b" });
  });

  it("is left alone when somebody changed its spec, or made another under its name", async () => {
    await apply(world, setManifest("changed"));
    const ready = await prepared("changed", "nginx:2");
    await patch("changed", { spec: { replicas: 2 } });
    await expect(send(ready)).rejects.toThrow(ConflictError);
    expect(imageOf(await read("changed"))).toBe("nginx:1");
  });

  it("keeps a staging that began meanwhile", async () => {
    await apply(world, setManifest("begun"));
    const ready = await prepared("begun", "nginx:2");
    await patch(
      "begun",
      { metadata: { annotations: { "sts/staging": '{"v":1,"partitionBefore":0}' } } },
      "sts",
    );
    await send(ready);
    const { annotations } = (await read("begun")).metadata;
    expect(annotations).toEqual({ "sts/staging": '{"v":1,"partitionBefore":0}' });
  });
});
