import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Claim, Manifest, StatefulSet, StorageClass } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { killedAfterEach } from "./support/kill.js";
import { inTerminal, question } from "./support/pty.js";
import {
  bound,
  leftover,
  runningSet,
  scaled,
  setManifest,
  writeReplicas,
  type SetShape,
} from "./support/sets.js";
import { claimsOf, ends, podsOf } from "./support/walk.js";

const ajv = new Ajv2020({ allErrors: true, strict: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const isValid = ajv.compile(JSON.parse(readFileSync("docs/progress.schema.json", "utf8")));

/** A StorageClass with an annotation that the simulated resizer looks at (docs/sandbox.md). */
function annotated(name: string, value: string): Partial<StorageClass> {
  return { metadata: { annotations: { [name]: value } } as unknown as StorageClass["metadata"] };
}
const offline = annotated("sandbox/offline-expansion", "true");
const upTo3Gi = annotated("sandbox/expansion-limit", "3Gi");
const two = ["data", "logs"];
const allOf = (...templates: string[]) =>
  templates.flatMap((template) => [0, 1, 2].map((ordinal) => `${template}-web-${ordinal}`));
const resized = (claims: readonly string[]) =>
  claims.map((name) => `persistentvolumeclaim/${name} resized\n`);

/** `web` of three pods. Returns its class. */
async function web(
  scenario: Scenario,
  shape: SetShape = {},
  fields?: Partial<StorageClass>,
): Promise<string> {
  const storageClass = shape.storageClass ?? (await scenario.storageClass(fields));
  await runningSet(scenario, "web", { replicas: 3, templates: ["data"], ...shape, storageClass });
  return storageClass;
}

async function setNow(scenario: Scenario, name = "web"): Promise<StatefulSet> {
  const set = await scenario.read(kinds.statefulSet, name);
  if (!set) throw new Error(`there is no ${name}`);
  return set;
}

function templateSizes({ spec }: StatefulSet): Record<string, string | undefined> {
  return Object.fromEntries(
    (spec.volumeClaimTemplates ?? []).map(({ metadata, spec: claim }) => [
      metadata?.name ?? "",
      claim?.resources?.requests?.["storage"],
    ]),
  );
}

/** What each claim asks for, and what it has. */
async function sizes(scenario: Scenario): Promise<Record<string, string>> {
  return Object.fromEntries([...(await claimsOf(scenario))].map(([name, claim]) => [name, sizeOf(claim)]));
}

function sizeOf({ spec, status }: Claim): string {
  return `${spec.resources?.requests?.["storage"]}/${status?.capacity?.["storage"]}`;
}

const same = (claims: readonly string[], size: string) =>
  Object.fromEntries(claims.map((name) => [name, `${size}/${size}`]));

function patchClaim(scenario: Scenario, name: string, body: object): Promise<Claim> {
  const ref = { namespace: scenario.namespace, name };
  return scenario.cluster.patch(kinds.claim, ref, { type: "merge", body });
}

function request(scenario: Scenario, name: string, storage: string): Promise<Claim> {
  return patchClaim(scenario, name, { spec: { resources: { requests: { storage } } } });
}

/** Everything that a resize could change, to see that it did not. */
async function specs(scenario: Scenario): Promise<unknown> {
  const set = await setNow(scenario);
  const claims = [...(await claimsOf(scenario)).values()].map(({ metadata, spec }) => [metadata.uid, spec]);
  return [set.metadata.uid, set.metadata.generation, claims, await podUids(scenario)];
}

function uids(objects: ReadonlyMap<string, { metadata: { uid: string } }>): Record<string, string> {
  return Object.fromEntries([...objects].map(([name, { metadata }]) => [name, metadata.uid]));
}

async function podUids(scenario: Scenario): Promise<unknown> {
  return uids(await podsOf(scenario));
}

describe("pvc resize", () => {
  it("grows three times two templates while the pods run, and the templates with them", async ({
    scenario,
  }) => {
    await web(scenario, { templates: two });
    const [before, pods] = [await setNow(scenario), await podUids(scenario)];
    const claims = uids(await claimsOf(scenario));
    const { stdout, stderr } = await ends(
      scenario,
      0,
      "pvc",
      "resize",
      "web",
      "data=2Gi",
      "logs=3Gi",
      "--yes",
    );
    const lines = resized([...allOf("data"), ...allOf("logs")]).join("");
    expect(stdout).toBe(`${lines}statefulset.apps/web resized\n`);
    expect(stderr).toMatch(/data-web-0 +1Gi → 2Gi +\S+ +in use by web-0/);
    expect(stderr).toContain("then template data 1Gi → 2Gi and logs 1Gi → 3Gi");
    expect(stderr).toMatch(/logs-web-2: (Resizing → )?Resized: 3Gi/);
    expect(stderr).toContain("took over all 3 pods");
    expect(await sizes(scenario)).toEqual({ ...same(allOf("data"), "2Gi"), ...same(allOf("logs"), "3Gi") });
    const after = await setNow(scenario);
    expect(templateSizes(after)).toEqual({ data: "2Gi", logs: "3Gi" });
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(await podUids(scenario)).toEqual(pods);
    expect(uids(await claimsOf(scenario))).toEqual(claims);
    expect(await scenario.read(kinds.configMap, "sts-recreate-web")).toBeUndefined();

    const again = await ends(scenario, 0, "pvc", "resize", "web", "data=2048Mi", "logs=3Gi");
    expect([again.stdout, again.stderr]).toEqual(["statefulset.apps/web unchanged\n", ""]);
    await scaled(scenario, "web", 4);
    expect((await sizes(scenario))["data-web-3"]).toBe("2Gi/2Gi");
  });

  it("ends where file systems grow only with a restart, says so, and goes on when it may restart", async ({
    scenario,
  }) => {
    await web(scenario, { templates: two, ordered: true }, offline);
    const pods = await podUids(scenario);
    const stopped = await ends(scenario, 3, "pvc", "resize", "web", "data=2Gi", "logs=2Gi", "--yes");
    expect(stopped.stdout).toBe("");
    expect(stopped.stderr).toMatch(/data-web-0: (Resizing → )?FileSystemResizePending/);
    expect(stopped.stderr).toContain("grow when web-0 to web-2 restart");
    expect(stopped.stderr).toContain(
      "go on       sts pvc resize web data=2Gi logs=2Gi --restart-if-needed --yes\n",
    );
    expect(await podUids(scenario)).toEqual(pods);
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "1Gi", logs: "1Gi" });

    const args = ["data=2Gi", "logs=2Gi", "--restart-if-needed", "--yes"];
    const running = scenario.start(["pvc", "resize", "web", ...args]);
    await running.untilWritten(/restarting web-0 to web-2/);
    running.kill("SIGINT");
    const interrupted = await running.ended;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr.match(/sts .*\n/g)).toEqual([`sts pvc resize web ${args.join(" ")}\n`]);
    await scenario.until("web to be ready again", kinds.statefulSet, (sets) => {
      return sets.get("web")?.status?.readyReplicas === 3;
    });
    const { stdout, stderr } = await ends(scenario, 0, "pvc", "resize", "web", ...args);
    expect(stderr).toContain("claims on the way to the new size");
    expect(stderr).toContain("restarting web-0 ");
    const ready = [...stderr.matchAll(/(web-\d): ready/g)].map(([, pod]) => pod);
    expect(ready.slice(-2)).toEqual(["web-1", "web-0"]);
    expect(stdout).toContain("statefulset.apps/web resized\n");
    expect(await sizes(scenario)).toEqual(same(allOf("data", "logs"), "2Gi"));
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "2Gi", logs: "2Gi" });
  });

  it("restarts pods in one go, of a set that is updated by OnDelete, too", async ({ scenario }) => {
    const storageClass = await scenario.storageClass(offline);
    const manifest = setManifest("web", { replicas: 2, templates: ["data"], storageClass });
    const spec = { ...(manifest["spec"] as object), updateStrategy: { type: "OnDelete" } };
    await scenario.create({ ...manifest, spec });
    await ends(scenario, 0, "rollout", "status", "web");
    const args = ["web", "data=2Gi", "--restart-if-needed", "--yes", "-o", "json", "--progress=json"];
    const { stdout, stderr } = await ends(scenario, 0, "pvc", "resize", ...args);
    const types = stderr
      .trimEnd()
      .split("\n")
      .map((line) => {
        const event = JSON.parse(line) as { type: string };
        expect(isValid(event), `${line}\n${ajv.errorsText(isValid.errors)}`).toBe(true);
        return event.type;
      });
    expect(types).toEqual(expect.arrayContaining(["start", "claim", "pod", "message", "end"]));
    expect(JSON.parse(stdout)).toMatchObject({
      name: "web",
      templates: [{ name: "data", from: "1Gi", to: "2Gi" }],
      claims: [
        { name: "data-web-0", ordinal: 0, from: "1Gi", to: "2Gi", state: "Resized" },
        { name: "data-web-1", ordinal: 1, state: "Resized" },
      ],
    });
    const set = await setNow(scenario);
    expect(set.spec.updateStrategy?.type).toBe("OnDelete");
    expect(templateSizes(set)).toEqual({ data: "2Gi" });
  });

  it("ends with the resizer's words when a volume cannot grow, and takes a smaller size then", async ({
    scenario,
  }) => {
    await web(scenario, { replicas: 2 }, upTo3Gi);
    const pods = await podUids(scenario);
    const failed = await ends(scenario, 4, "pvc", "resize", "web", "data=5Gi", "--yes");
    expect(failed.stdout).toBe("");
    expect(failed.stderr).toContain(
      "data-web-0 and data-web-1 cannot grow to 5Gi: rpc error: code = OutOfRange desc = requested size 5Gi exceeds the limit of 3Gi",
    );
    expect(failed.stderr).toContain("less, above 1Gi  sts pvc resize web data=SIZE\n");
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "1Gi" });
    const back = await ends(scenario, 7, "pvc", "resize", "web", "data=1Gi", "--yes");
    expect(back.stderr).toContain("the API takes it back only to more than 1Gi");
    const smaller = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--yes");
    expect(smaller.stderr).toContain("5Gi was asked for");
    expect(await sizes(scenario)).toEqual(same(["data-web-0", "data-web-1"], "2Gi"));
    expect(await podUids(scenario)).toEqual(pods);
  });

  it("of some ordinals leaves the others and the template alone", async ({ scenario }) => {
    await web(scenario);
    const before = await setNow(scenario);
    const args = ["web", "data=2Gi", "--ordinals=0,2", "--yes"];
    const { stdout, stderr } = await ends(scenario, 0, "pvc", "resize", ...args);
    expect(stdout).toBe(resized(["data-web-0", "data-web-2"]).join(""));
    expect(stderr).toContain("template data stays at 1Gi");
    expect((await sizes(scenario))["data-web-1"]).toBe("1Gi/1Gi");
    expect((await setNow(scenario)).metadata.uid).toBe(before.metadata.uid);
    const none = await ends(scenario, 2, "pvc", "resize", "web", "data=2Gi", "--ordinals=3", "--yes");
    expect(none.stderr).toContain("web has no ordinal 3: its ordinals are 0 to 2");
    const rest = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--yes");
    expect(rest.stdout).toBe(`${resized(["data-web-1"]).join("")}statefulset.apps/web resized\n`);
  });

  it("waits for replicas that come meanwhile, and warns of who manages the set", async ({ scenario }) => {
    const labels = { "argocd.argoproj.io/instance": "shop" };
    await web(scenario, { replicas: 1, labels });
    await inTerminal(
      scenario,
      ["pvc", "resize", "web", "data=2Gi"],
      async (terminal) => {
        await question(terminal);
        expect(terminal.screen().join("\n")).toContain("is managed by Argo CD application shop");
        await writeReplicas(scenario, "web", 3);
        terminal.type("y\r");
        expect(await terminal.ended).toBe(0);
      },
      { columns: 160 },
    );
    const all = await sizes(scenario);
    for (const [name, size] of Object.entries(all)) expect(`${name} ${size}`).toBe(`${name} 2Gi/2Gi`);
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "2Gi" });
  });

  it("leaves claims out of range as they are, and grows one that comes meanwhile", async ({ scenario }) => {
    await web(scenario, { replicas: 2 });
    await scaled(scenario, "web", 1);
    const use = async (terminal: Parameters<typeof question>[0]) => {
      await question(terminal, "Resize web? [y/N]");
      expect(terminal.screen().join("\n")).toContain("left as they are, as no replica uses them: data-web-1");
      await scaled(scenario, "web", 2);
      terminal.type("y\r");
      expect(await terminal.ended).toBe(0);
    };
    await inTerminal(scenario, ["pvc", "resize", "web", "data=2Gi"], use, { columns: 160 });
    expect(await sizes(scenario)).toEqual(same(["data-web-0", "data-web-1"], "2Gi"));
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "2Gi" });
  });
});

describe("pvc resize that comes to no end", () => {
  /** Two claims with their size, one of which its resizer has never finished. */
  async function halfway(scenario: Scenario): Promise<void> {
    await web(scenario, { replicas: 2 });
    for (const name of ["data-web-0", "data-web-1"]) await request(scenario, name, "2Gi");
    await scenario.until("2Gi", kinds.claim, (claims) => {
      const all = [...claims.values()];
      return all.every((claim) => sizeOf(claim) === "2Gi/2Gi" && !isResizing(claim));
    });
    const { conditions = [] } = (await claimsOf(scenario)).get("data-web-1")?.status ?? {};
    const resizing = { type: "Resizing", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
    const ref = { namespace: scenario.namespace, name: "data-web-1" };
    const body = { status: { conditions: [...conditions, resizing] } };
    await scenario.cluster.patch(kinds.claim, ref, { type: "merge", body }, { subresource: "status" });
  }
  const again = "sts pvc resize web data=2Gi --yes";

  it("ends when time is up, when nothing advances, and at Ctrl-C, and says how to go on", async ({
    scenario,
  }) => {
    await halfway(scenario);
    const args = ["pvc", "resize", "web", "data=2Gi", "--yes"];
    const late = await ends(scenario, 3, ...args, "--timeout=1s");
    expect(late.stderr).toContain("time is up; waiting for data-web-1 (Resizing)");
    expect(late.stderr).toContain(`go on       ${again}\n`);
    const stalled = await ends(scenario, 5, ...args, "--stall-timeout=1s");
    expect(stalled.stderr).toContain("nothing advanced for 1.0 s; waiting for data-web-1 (Resizing)");
    const running = scenario.start(args);
    await running.untilWritten(/data-web-1: Resizing/);
    running.kill("SIGINT");
    const interrupted = await running.ended;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toContain(`go on       ${again}\n`);
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "1Gi" });
  });
});

function isResizing({ status }: Claim): boolean {
  return status?.conditions?.some(({ type }) => type === "Resizing") ?? false;
}

describe("pvc resize and another one", () => {
  /** Holds the old set in its deletion by a finalizer of somebody else's, until `letGo`. */
  async function held(scenario: Scenario): Promise<() => Promise<unknown>> {
    await web(scenario, { replicas: 2 });
    const ref = { namespace: scenario.namespace, name: "web" };
    const patch = (finalizers: string[] | null) =>
      scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body: { metadata: { finalizers } } });
    await patch(["example.com/hold"]);
    return () => patch(null);
  }
  const args = ["pvc", "resize", "web", "data=2Gi", "--yes"];

  it("do not work on one set at once: the second is told, exit 6", async ({ scenario }) => {
    const letGo = await held(scenario);
    const pods = await podUids(scenario);
    const first = scenario.start(args);
    await first.untilWritten(/deleted without its pods/);
    const second = await ends(scenario, 6, ...args);
    expect(second.stdout).toBe("");
    expect(second.stderr).toContain(`(process ${first.pid})`);
    await letGo();
    expect((await first.ended).code).toBe(0);
    expect(await podUids(scenario)).toEqual(pods);
  });

  it("goes on where the first was killed while the set is gone, and with nothing else", async ({
    scenario,
  }) => {
    const letGo = await held(scenario);
    const pods = await podUids(scenario);
    const first = scenario.start(args);
    await first.untilWritten(/deleted without its pods/);
    first.kill("SIGKILL");
    await first.ended;
    await letGo();
    await scenario.until("the set to be gone", kinds.statefulSet, (sets) => !sets.has("web"));
    const other = await ends(scenario, 7, "pvc", "resize", "web", "data=4Gi", "--yes");
    expect(other.stderr).toContain("making it anew was interrupted (resize of data to 2Gi)");
    expect(other.stderr).toContain("sts pvc resize web data=2Gi --yes finishes that first");
    const shown = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--dry-run");
    expect(shown.stderr).toContain(
      "making it anew was interrupted (resize of data to 2Gi); that comes first",
    );
    await ends(scenario, 7, "pvc", "resize", "web", "data=2Gi");
    expect(await scenario.read(kinds.statefulSet, "web")).toBeUndefined();
    const finished = await ends(scenario, 0, ...args);
    expect(finished.stdout).toBe("statefulset.apps/web resized\n");
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "2Gi" });
    expect(await podUids(scenario)).toEqual(pods);
  });
});

describe("pvc resize changes nothing", () => {
  it("of what cannot be, and says why before the first write", async ({ scenario }) => {
    await web(scenario);
    await request(scenario, "data-web-1", "2Gi");
    await scenario.until("data-web-1 to grow", kinds.claim, (claims) => {
      const claim = claims.get("data-web-1");
      return claim && sizeOf(claim) === "2Gi/2Gi";
    });
    const before = await specs(scenario);
    const refusals: [code: number, words: string, ...args: string[]][] = [
      [2, 'web has no claim template "dat": it has data', "dat=2Gi"],
      [2, '"2GB" is not a quantity', "data=2GB"],
      [2, '"data" is not TEMPLATE=SIZE', "data"],
      [2, "template data is given two sizes", "data=2Gi", "data=3Gi"],
      [7, "template data asks for 1Gi: 500Mi is less", "data=500Mi"],
      [7, "data-web-1 has 2Gi already: 1500Mi is less", "data=1500Mi", "--ordinals=1"],
    ];
    for (const [code, words, ...args] of refusals) {
      const { stdout, stderr } = await ends(scenario, code, "pvc", "resize", "web", ...args, "--yes");
      expect(stdout).toBe("");
      expect(stderr).toContain(words);
    }
    await patchClaim(scenario, "data-web-0", { metadata: { finalizers: ["sts.test/hold"] } });
    await scenario.cluster.delete(kinds.claim, { namespace: scenario.namespace, name: "data-web-0" });
    const leaving = await ends(scenario, 7, "pvc", "resize", "web", "data=3Gi", "--yes");
    expect(leaving.stderr).toContain("data-web-0 is being deleted");
    expect(await specs(scenario)).toEqual(before);
    await patchClaim(scenario, "data-web-0", { metadata: { finalizers: null } });
  });

  it("of claims whose class cannot, is gone, or that are bound to a volume made by hand", async ({
    scenario,
  }) => {
    await web(scenario, { replicas: 1 }, { allowVolumeExpansion: false });
    const fixed = await ends(scenario, 7, "pvc", "resize", "web", "data=2Gi", "--yes");
    expect(fixed.stderr).toContain("which has no allowVolumeExpansion: true");
    // As the API server has it.
    await expect(request(scenario, "data-web-0", "2Gi")).rejects.toThrow(
      "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    );

    const byHand = await scenario.storageClass({ provisioner: "kubernetes.io/no-provisioner" });
    const volume = `${scenario.namespace}-by-hand`.slice(-63).replace(/^-+/, "");
    await scenario.create(handMade(volume, byHand));
    try {
      await scenario.create(setManifest("old", { templates: ["data"], storageClass: byHand }));
      await bound(scenario, "data-old-0");
      const stuck = await ends(scenario, 7, "pvc", "resize", "old", "data=2Gi", "--yes");
      expect(stuck.stderr).toContain(`data-old-0 is on volume ${volume}, made by hand (hostPath)`);
      await scenario.cluster.delete(kinds.storageClass, { name: byHand });
      const gone = await ends(scenario, 7, "pvc", "resize", "old", "data=2Gi", "--yes");
      expect(gone.stderr).toContain(`data-old-0 is of StorageClass ${byHand}, which is not there`);
    } finally {
      await scenario.cluster.delete(kinds.volume, { name: volume });
    }

    const missing = await scenario.storageClass();
    await scenario.create(setManifest("new", { templates: ["data"], storageClass: `${missing}-x` }));
    await scenario.until("data-new-0", kinds.claim, (claims) => claims.has("data-new-0"));
    const pending = await ends(scenario, 7, "pvc", "resize", "new", "data=2Gi", "--yes");
    expect(pending.stderr).toContain("data-new-0 is not bound to a volume (Pending)");
  });

  it("while a partition holds pods back", async ({ scenario }) => {
    await web(scenario);
    await ends(scenario, 0, "set", "image", "web", "main=nginx:1.30", "--stage=1");
    const before = await specs(scenario);
    const held = await ends(scenario, 7, "pvc", "resize", "web", "data=2Gi", "--yes");
    expect(held.stderr).toContain("sts rollout promote web");
    expect(await specs(scenario)).toEqual(before);
  });

  it("without a yes: nobody is there to ask, or the answer is no", async ({ scenario }) => {
    await web(scenario);
    const before = await specs(scenario);
    const refused = await ends(scenario, 7, "pvc", "resize", "web", "data=2Gi");
    expect(refused.stderr).toContain("data-web-2   1Gi → 2Gi");
    expect(refused.stderr).toContain("nothing was resized: without a terminal to ask on, this needs --yes");
    await inTerminal(scenario, ["pvc", "resize", "web", "data=2Gi"], async (terminal) => {
      await question(terminal);
      terminal.type("n\r");
      expect(await terminal.ended).toBe(7);
    });
    expect(await specs(scenario)).toEqual(before);
  });

  it("in a dry run, which shows all of it, and lets the server check it", async ({ scenario }) => {
    await web(scenario);
    const before = await specs(scenario);
    const client = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--dry-run");
    const claims = allOf("data").map((name) => `persistentvolumeclaim/${name} resized (dry run)\n`);
    expect(client.stdout).toBe(`${claims.join("")}statefulset.apps/web resized (dry run)\n`);
    expect(client.stderr).toContain("then template data 1Gi → 2Gi");
    const server = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--dry-run=server");
    expect(server.stdout).toContain("statefulset.apps/web resized (server dry run)\n");
    expect(await specs(scenario)).toEqual(before);
  });

  it("of what somebody else resizes meanwhile: exit 6", async ({ scenario }) => {
    await web(scenario);
    await inTerminal(
      scenario,
      ["pvc", "resize", "web", "data=2Gi"],
      async (terminal) => {
        await question(terminal);
        await request(scenario, "data-web-1", "4Gi");
        terminal.type("y\r");
        expect(await terminal.ended).toBe(6);
        expect(terminal.screen().join("\n")).toContain("data-web-1 asks for 4Gi by now");
      },
      { columns: 160 },
    );
    expect(templateSizes(await setNow(scenario))).toEqual({ data: "1Gi" });
    expect((await claimsOf(scenario)).get("data-web-1")?.spec.resources?.requests).toEqual({
      storage: "4Gi",
    });
  });

  it("of a set that somebody deletes meanwhile: exit 6", async ({ scenario }) => {
    await web(scenario);
    await inTerminal(
      scenario,
      ["pvc", "resize", "web", "data=2Gi"],
      async (terminal) => {
        await question(terminal);
        const ref = { namespace: scenario.namespace, name: "web" };
        await scenario.cluster.delete(kinds.statefulSet, ref, { propagation: "Orphan" });
        await scenario.until("web to be gone", kinds.statefulSet, (sets) => !sets.has("web"));
        terminal.type("y\r");
        expect(await terminal.ended).toBe(6);
        expect(terminal.screen().join("\n")).toContain("web was deleted by somebody else meanwhile");
      },
      { columns: 160 },
    );
    expect((await podsOf(scenario)).size).toBe(3);
  });

  it("of left-over claims, when there are no replicas: only the template", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    await scenario.create(setManifest("web", { replicas: 0, templates: ["data"], storageClass }));
    await scenario.create(leftover("data-web-0", "web", storageClass));
    await bound(scenario, "data-web-0");
    const { stdout } = await ends(scenario, 0, "pvc", "resize", "web", "data=2Gi", "--yes");
    expect(stdout).toBe("statefulset.apps/web resized\n");
    expect(await sizes(scenario)).toEqual({ "data-web-0": "1Gi/1Gi" });
  });
});

function handMade(name: string, storageClassName: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      storageClassName,
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/data" },
    },
  };
}

describe("the API server, which has the last word,", () => {
  it("takes more of a bound claim, and less only above its capacity", async ({ scenario }) => {
    await web(scenario, { replicas: 1 }, upTo3Gi);
    const answer = (name: string, storage: string) =>
      request(scenario, name, storage).then(
        () => "taken",
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    const less = "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity";
    expect(await answer("data-web-0", "500Mi")).toContain(less);
    expect(await answer("data-web-0", "1Gi")).toBe("taken");
    expect(await answer("data-web-0", "5Gi")).toBe("taken");
    await scenario.until("the resizer to give up", kinds.claim, (claims) =>
      claims.get("data-web-0")?.status?.conditions?.some(({ type }) => type === "ControllerResizeError"),
    );
    expect(await answer("data-web-0", "1Gi")).toContain(less);
    expect(await answer("data-web-0", "900Mi")).toContain(less);
    expect(await answer("data-web-0", "4Gi")).toBe("taken");
    expect(await answer("data-web-0", "1025Mi")).toBe("taken");
    await scenario.create(leftover("data-web-9", "web", "no-such-class"));
    const immutable =
      "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
    for (const size of ["2Gi", "500Mi"]) expect(await answer("data-web-9", size)).toContain(immutable);
  });
});

describe("pvc resize is killed after any request", () => {
  for (const [how, fields, replicas] of [
    ["online", undefined, 2],
    ["offline", offline, 1],
  ] as const) {
    it(`and the same command finishes it: ${how}`, { timeout: 600_000 }, async ({ scenario }) => {
      const storageClass = await scenario.storageClass(fields);
      const kills = await killedAfterEach(scenario, {
        async prepare(run) {
          const name = `r${run}`;
          await runningSet(scenario, name, { replicas, templates: ["data"], storageClass });
          const names = Array.from({ length: replicas }, (_unused, ordinal) => `data-${name}-${ordinal}`);
          return { name, claims: await only(scenario, names), pods: await podsNamed(scenario, name) };
        },
        args: ({ name }) => ["pvc", "resize", name, "data=2Gi", "--restart-if-needed", "--yes"],
        async afterKill({ name, claims, pods }) {
          expect(uids(await only(scenario, [...claims.keys()]))).toEqual(uids(claims));
          if (how === "online") expect(uids(await podsNamed(scenario, name))).toEqual(uids(pods));
        },
        async afterEnd({ name, claims, pods }) {
          const now = await only(scenario, [...claims.keys()]);
          expect(uids(now)).toEqual(uids(claims));
          for (const claim of now.values()) expect(sizeOf(claim)).toBe("2Gi/2Gi");
          expect(templateSizes(await setNow(scenario, name))).toEqual({ data: "2Gi" });
          const set = await setNow(scenario, name);
          const podsNow = await podsNamed(scenario, name);
          for (const { metadata } of podsNow.values()) {
            expect(metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([set.metadata.uid]);
          }
          if (how === "online") expect(uids(podsNow)).toEqual(uids(pods));
          expect(await scenario.read(kinds.configMap, `sts-recreate-${name}`)).toBeUndefined();
        },
        mostOnRealCluster: 5,
      });
      expect(
        kills.some(({ method, path }) => method === "PATCH" && /persistentvolumeclaims/.test(path)),
      ).toBe(true);
      if (scenario.target === "sandbox") {
        expect(kills.some(({ method, path }) => method === "DELETE" && /statefulsets/.test(path))).toBe(true);
      }
    });
  }
});

async function only(scenario: Scenario, names: readonly string[]): Promise<Map<string, Claim>> {
  return new Map([...(await claimsOf(scenario))].filter(([name]) => names.includes(name)));
}

async function podsNamed(scenario: Scenario, set: string) {
  return new Map([...(await podsOf(scenario))].filter(([name]) => name.startsWith(`${set}-`)));
}
