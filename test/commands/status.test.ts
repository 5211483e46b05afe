import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { InterruptedError } from "../../src/errors.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testSink } from "../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
  await world.run(
    "create web --image=nginx:1.29 --replicas=3 --port=web:80 --storage=www=1Gi:/data".split(" "),
  );
});
afterAll(() => world.stop());

const steady = (text: string) =>
  text
    .replace(/\b\d+(s|m|m\d+s)\b/g, "1s")
    .replace(/\([a-z0-9]{6,10}\)/g, "(hash)")
    .replace(/node-\d/g, "node-1");
const status = async (line: string) => world.run(["status", ...line.split(" ")]);
const patch = (body: object) =>
  world.cluster.patch(kinds.statefulSet, { name: "web" }, { type: "merge", body });

describe("status", () => {
  it("shows a settled set on one page, exit code 0", async () => {
    const { code, out, err } = await status("web");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(steady(out)).toBe(
      [
        "default/web     nginx:1.29 · 3 of 3 ready · OrderedReady · RollingUpdate",
        "revisions       1 (hash)      service  web (headless, 3 endpoints)      claims  www 1Gi each",
        "  POD     STATE     READY   REVISION   RESTARTS   AGE   NODE     CLAIMS          DNS",
        "  web-0   Running   1/1     1          0          1s    node-1   www-web-0 1Gi   web-0.web.default.svc",
        "  web-1   Running   1/1     1          0          1s    node-1   www-web-1 1Gi   web-1.web.default.svc",
        "  web-2   Running   1/1     1          0          1s    node-1   www-web-2 1Gi   web-2.web.default.svc",
        "",
      ].join("\n"),
    );
  });

  it("keeps to the width of a terminal: the last columns go first", async () => {
    const { out } = await world.run(["status", "web"], { columns: 80 });
    const lines = steady(out).trimEnd().split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines).toContain("service         web (headless, 3 endpoints)");
    expect(lines.find((line) => line.includes("POD"))).toBe(
      "  POD     STATE     READY   REVISION   RESTARTS   AGE   NODE     CLAIMS",
    );
    const narrow = await world.run(["status", "web"], { columns: 30 });
    expect(Math.max(...narrow.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(30);
    expect(narrow.out).toContain("  POD     STATE     READY");
  });

  it("is the same for a program", async () => {
    const { out } = await status("web -o json");
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      name: "web",
      ready: 3,
      service: { name: "web", exists: true, headless: true, endpoints: 3, readyEndpoints: 3 },
      claimTemplates: [{ name: "www", size: "1Gi" }],
      leftOverClaims: [],
      heldClaims: [],
      verdict: { state: "Done" },
      next: [],
      pods: [
        {
          ordinal: 0,
          revision: { revision: 1, role: "both" },
          claims: [{ name: "www-web-0", phase: "Bound" }],
        },
        {},
        {},
      ],
    });
    expect((await status("web -o jsonpath={.verdict.state}")).out).toBe("Done");
  });

  it("says what a partition holds, and which command goes on", async () => {
    await patch({
      spec: {
        updateStrategy: { rollingUpdate: { partition: 2 } },
        template: { metadata: { annotations: { v: "2" } } },
      },
    });
    await expect.poll(async () => (await status("web")).code, { timeout: 15_000 }).toBe(0);
    const { out } = await status("web");
    expect(steady(out)).toContain(
      "updated 1 of 3 · OrderedReady · RollingUpdate, partition 2 (web-2 updated; web-0 and web-1 held)",
    );
    expect(steady(out)).toContain("current 1 (hash) · update 2 (hash)");
    expect(out).toMatch(/web-1 .* 1 current .*\n.*web-2 .* 2 update/);
    expect(out).toContain("Next: sts rollout promote web");
    await patch({ spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
    await expect.poll(async () => (await status("web")).code, { timeout: 15_000 }).toBe(0);
  });

  it("counts the claims that a scale-down left", async () => {
    await patch({ spec: { replicas: 1 } });
    await expect.poll(async () => (await status("web")).code, { timeout: 15_000 }).toBe(0);
    const { out } = await status("web");
    expect(out).toContain("www 1Gi each, 2 left over");
    expect(out).toContain("Next: sts pvc cleanup web");
  });

  it("calls claims what pvc list calls them, where clean-up would not take them", async () => {
    await world.cluster.create(kinds.autoscaler, {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" }, maxReplicas: 3 },
    });
    const { out } = await status("web");
    expect(out).toContain("www 1Gi each, 2 autoscaled\n");
    expect(out).not.toContain("pvc cleanup");
    expect(JSON.parse((await status("web -o json")).out)).toMatchObject({
      leftOverClaims: [],
      heldClaims: [{ state: "autoscaled", claims: ["www-web-1", "www-web-2"] }],
    });
    await world.cluster.delete(kinds.autoscaler, { name: "web" });
    await patch({ spec: { replicas: 0 } });
    await expect
      .poll(async () => (await status("web")).out, { timeout: 15_000 })
      .toContain("www 1Gi each, 3 set-at-zero\n");
    await patch({ spec: { replicas: 1 } });
    await expect.poll(async () => (await status("web")).code, { timeout: 15_000 }).toBe(0);
  });

  it("ends with 4 and the cause where the set cannot get there", async () => {
    const faulty = { metadata: { annotations: { "sandbox/fault": "image-pull" } } };
    await patch({ spec: { template: faulty } });
    await expect.poll(async () => (await status("web")).code, { timeout: 15_000 }).toBe(4);
    const { out } = await status("web -n default");
    expect(out).toMatch(/^failed {10}web-0 /m);
    expect(out).toContain("Next: ");
  });

  it("names the command that drives an update under OnDelete", async () => {
    await world.run("create manual --image=nginx:1 --replicas=3 --strategy=OnDelete".split(" "));
    await world.run("set image manual nginx=nginx:2".split(" "));
    expect((await status("manual -n default")).out).toContain(
      "Next: sts rollout restart manual --ordinals=0-2 -n default\n",
    );
    expect((await world.run("rollout restart manual --ordinals=0-2".split(" "))).code).toBe(0);
    expect((await status("manual")).out).not.toContain("Next:");
  });

  it("tells the whole cause in a narrow window, and counts the pods of a template that was taken back", async () => {
    await world.run("create stuck --image=nginx:1 --replicas=2".split(" "));
    await world.run("set image stuck nginx=nginx:crash-loop".split(" "));
    expect((await world.run("rollout undo stuck".split(" "))).code).toBe(4);
    const { code, out } = await world.run(["status", "stuck"], { columns: 80 });
    expect(code).toBe(4);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out.replace(/\s+/g, " ")).toContain(
      "at an old revision, and OrderedReady waits for it to be ready before it replaces any pod (kubernetes/kubernetes#67250)",
    );
    expect(out).toContain("1 of 2 ready · updated 1 of 2 · OrderedReady");
    expect(out).toMatch(/^Next: sts rollout unstick stuck$/m);
  });

  it("shows what it may see, and says once what it may not", async () => {
    const role = { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get", "list"] };
    const pods = { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] };
    const api = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      metadata: { name: "viewer", namespace: "default" },
    };
    const roleKind = await world.cluster.kindOf({ apiVersion: api.apiVersion, kind: "Role" });
    const bindingKind = await world.cluster.kindOf({ apiVersion: api.apiVersion, kind: "RoleBinding" });
    await world.cluster.create(roleKind, { ...api, kind: "Role", rules: [role, pods] });
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "viewer" };
    const subjects = [{ kind: "User", name: "alice", apiGroup: "rbac.authorization.k8s.io" }];
    await world.cluster.create(bindingKind, { ...api, kind: "RoleBinding", roleRef, subjects });
    const { out, err } = await world.run(["status", "web"], { token: "alice" });
    expect(out).toContain("service  web (may not be read)");
    expect(err.match(/^note: /gm)).toHaveLength(6);
  });

  it("is an error for a set that does not exist", async () => {
    expect(await status("nope")).toMatchObject({
      code: 1,
      err: 'Error from server (NotFound): statefulsets.apps "nope" not found\n',
    });
    expect(await world.run(["status"])).toMatchObject({ code: 2, requests: 0 });
  });
});

describe("status -w", () => {
  it("prints the page again when something changed, and draws over it on a terminal", async () => {
    await world.run("create seen --image=nginx --replicas=1".split(" "));
    const interruption = new AbortController();
    const [plain, terminal] = [testSink(), testSink({ isTerminal: true, columns: 80 })];
    const { signal } = interruption;
    const runs = [plain, terminal].map((out) => world.run(["status", "seen", "-w"], { signal, out }));
    await expect
      .poll(() => [plain, terminal].every(({ text }) => text.includes("seen-0")), { timeout: 15_000 })
      .toBe(true);
    await world.cluster.patch(
      kinds.statefulSet,
      { name: "seen" },
      { type: "merge", body: { spec: { replicas: 2 } } },
    );
    await expect
      .poll(() => [plain, terminal].every(({ text }) => text.includes("2 of 2 ready")), { timeout: 15_000 })
      .toBe(true);
    interruption.abort(new InterruptedError("SIGINT"));
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([130, 130]);
    expect(plain.text).not.toContain("\u001b");
    expect(plain.text.match(/1 of 1 ready/g)).toHaveLength(1);
    expect(terminal.text).toContain("\u001b[");
  });

  it("ends when the set goes", async () => {
    await world.run("create brief --image=nginx --replicas=1".split(" "));
    const out = testSink();
    const watching = world.run(["status", "brief", "-w"], { out });
    await expect.poll(() => out.text.includes("brief-0"), { timeout: 15_000 }).toBe(true);
    await world.cluster.delete(kinds.statefulSet, { name: "brief" });
    expect(await watching).toMatchObject({ code: 1, err: 'statefulset.apps "brief" is gone\n' });
  });
});
