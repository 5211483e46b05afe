import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, inject } from "vitest";
import { findProgram } from "../support/control-plane/assets.js";
import { eventually } from "../support/eventually.js";
import { type Home, it, kubeconfigOf } from "./support/home.js";
import { program, type Result, type Running } from "./support/process.js";

/** A sandbox that runs, and `sts` that speaks to it by KUBECONFIG. */
interface Up {
  kubeconfig: string;
  /** Runs `sts`, which must end with the code. */
  ends(code: number, ...args: string[]): Promise<Result>;
  start(...args: string[]): Running;
  /** `sts sandbox fault …`, which must succeed. */
  fault(...args: string[]): Promise<string>;
  /** How often each fault has hit. */
  hits(): Promise<Record<string, number>>;
}

async function up(home: Home): Promise<Up> {
  const started = await home.sts("sandbox", "up", "--speed=20");
  expect(started.code, started.stderr).toBe(0);
  const kubeconfig = kubeconfigOf(started);
  const start = (...args: string[]) => home.start(args, { env: { KUBECONFIG: kubeconfig } });
  const ends = async (code: number, ...args: string[]) => {
    const result = await start(...args).ended;
    expect(result.code, `sts ${args.join(" ")}\n${result.stdout}\n${result.stderr}`).toBe(code);
    return result;
  };
  return {
    kubeconfig,
    start,
    ends,
    fault: async (...args) => (await ends(0, "sandbox", "fault", ...args)).stdout,
    async hits() {
      const { stdout } = await ends(0, "sandbox", "fault", "list", "-o", "json");
      const { items } = JSON.parse(stdout) as { items: { name: string; hits: number }[] };
      return Object.fromEntries(items.map(({ name, hits }) => [name, hits]));
    },
  };
}

const create = ["create", "web", "--image=nginx", "--storage=www=1Gi:/data"] as const;

/** A set whose pods take five seconds each: time enough for a bad day. */
function slowSet(home: Home): string {
  const labels = { app: "web" };
  const template = {
    metadata: { labels, annotations: { "sandbox/slow": "100s" } },
    spec: { containers: [{ name: "nginx", image: "nginx:1.29" }] },
  };
  const spec = { serviceName: "web", replicas: 2, selector: { matchLabels: labels }, template };
  const file = path.join(home.directory, "web.json");
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "web" }, spec }),
  );
  return file;
}

const sandbox = inject("cluster").target === "sandbox";
const where = sandbox ? "" : " (skipped: faults are put on sandboxes only)";

describe.skipIf(!sandbox)(`a bad day${where}`, () => {
  it("a server that is too busy is waited for, by scale and by pvc cleanup", async ({ home }) => {
    const { ends, fault, hits } = await up(home);
    await ends(0, ...create);
    expect(await fault("throttle", "--every=3")).toBe("sandbox default: throttle-1 is on\n");
    const scaled = await ends(0, "scale", "web", "--replicas=2");
    expect(scaled.stdout).toBe("statefulset.apps/web scaled\n");
    expect((await hits())["throttle-1"]).toBeGreaterThan(0);
    expect(await fault("clear")).toBe("sandbox default: throttle-1 cleared\n");
    await ends(0, "scale", "web", "--replicas=1");
    await fault("throttle", "--verb=delete", "--resource=pvc", "--count=1", "--retry-after=2s");
    const cleaned = await ends(0, "pvc", "cleanup", "web", "--yes");
    expect(cleaned.stdout).toContain('persistentvolumeclaim "www-web-1" deleted');
    expect(await hits()).toEqual({ "throttle-2": 1 });
  });

  it("cut and expired watches and an absence are lived through, by rollout status and get -w", async ({
    home,
  }) => {
    const { ends, fault, start } = await up(home);
    await ends(0, "apply", "-f", slowSet(home));
    const shown = start("get", "-w");
    await shown.untilWritten(/^web +2\/2/m);
    await ends(0, "rollout", "restart", "web", "--wait=false");
    const rollout = start("rollout", "status", "web", "--progress=plain");
    await rollout.untilWritten(/waiting for its rollout/);
    expect(await fault("drop-watches")).toMatch(/^sandbox default: [1-9]\d* watches cut\n$/);
    await fault("compact");
    expect(await fault("away", "1s")).toBe("sandbox default: away for 1 s\n");
    const ended = await rollout.ended;
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toMatch(/web-0: ready/);
    await ends(0, "scale", "web", "--replicas=1");
    await shown.untilWritten(/^web +1\/1/m);
    shown.kill("SIGINT");
    await shown.ended;
  });

  it("latency makes everything slower, and nothing else", async ({ home }) => {
    const { ends, fault, hits } = await up(home);
    await fault("latency", "300ms", "--verb=create,patch");
    await ends(0, ...create);
    await ends(0, "scale", "web", "--replicas=2");
    expect((await hits())["latency-1"]).toBeGreaterThan(2);
    const late = await ends(1, "create", "db", "--image=nginx", "--request-timeout=100ms");
    expect(late.stderr).toContain("Unable to connect to the server: context deadline exceeded");
  });

  it("an answer that is cut is asked for again, but for one of a write, which may have been done", async ({
    home,
  }) => {
    const { ends, fault, hits } = await up(home);
    await ends(0, ...create);
    await fault("cut", "--verb=get,list", "--count=1");
    expect((await ends(0, "get", "-o", "name")).stdout).toBe("statefulset.apps/web\n");
    expect(await hits()).toEqual({ "cut-1": 1 });
    await fault("cut", "--verb=patch,update", "--count=1");
    const cut = await ends(1, "scale", "web", "--replicas=2", "--wait=false");
    expect(cut.stderr).toContain("Unable to connect to the server: unexpected EOF");
    await ends(0, "scale", "web", "--replicas=2");
  });

  it("errors and conflicts of the server are said in its words, each with its exit code", async ({
    home,
  }) => {
    const { ends, fault, hits } = await up(home);
    await ends(0, ...create);
    await fault("error", "--resource=statefulsets", "--count=1");
    const failed = await ends(1, "get");
    expect(failed.stderr).toBe(
      "Error from server (InternalError): Internal error occurred: etcdserver: request timed out\n",
    );
    await fault("conflict", "--resource=sts", "--count=1");
    await ends(0, "scale", "web", "--replicas=2");
    expect(await hits()).toMatchObject({ "conflict-2": 1 });
    await fault("conflict", "--resource=sts/scale");
    const lost = await ends(6, "scale", "web", "--replicas=3");
    expect(lost.stderr).toContain(
      'Operation cannot be fulfilled on statefulsets.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it("a node that is killed is told of, holds its pods, and gives them back", async ({ home }) => {
    const { ends, fault } = await up(home);
    await ends(0, ...create, "--replicas=2");
    const { stdout } = await ends(0, "status", "web");
    const [, node = ""] = /web-1 .*(node-\d)/.exec(stdout) ?? [];
    expect(await fault("kill-node", node)).toBe(`sandbox default: node ${node} is lost\n`);
    const isNoticed = async () => (await ends(0, "get", "web")).stdout.includes(" 1/2 ") || undefined;
    await eventually("the pod of the node not ready", isNoticed);
    const lost = await ends(3, "rollout", "status", "web", "--timeout=3s");
    expect(lost.stderr).toContain(`web-1, which is on node ${node} that does not answer`);
    expect(await fault("list")).toMatch(new RegExp(`^${node} +on +- +- +- +kill-node ${node}$`, "m"));
    expect(await fault("restore-node", node)).toBe(`sandbox default: node ${node} is back\n`);
    await ends(0, "rollout", "status", "web");
    const unknown = await ends(1, "sandbox", "fault", "kill-node", "node-9");
    expect(unknown.stderr).toBe('Error from server (NotFound): nodes "node-9" not found\n');
  });
});

describe.skipIf(!sandbox)(`sandbox fault${where}`, () => {
  it("lists what is on and clears it, by name, by sort and all, even while the server is away", async ({
    home,
  }) => {
    const { ends, fault } = await up(home);
    expect((await ends(0, "sandbox", "fault", "list")).stderr).toBe("no fault is on\n");
    await fault("error", "--every=2", "--verb=get,list", "--resource=pods", "--for=1h");
    await fault("cut", "--count=3");
    await fault("away", "10m");
    const listed = await fault("list");
    expect(listed.replace(/59 min \d+ s|60 min|9 min \d+ s|10 min/g, "soon").replaceAll(/ +$/gm, "")).toMatch(
      /^NAME +STATE +SEEN +HITS +ENDS +FAULT\nerror-1 +on +0 +0 +soon +error --verb=get,list --resource=pods --every=2 --for=1h\ncut-2 +on +0 +0 +- +cut --count=3\naway-3 +on +- +- +soon +away 10m\n$/,
    );
    expect((await ends(1, "get", "--request-timeout=2s")).stderr).toMatch(
      /^The connection to the server 127\.0\.0\.1:\d+ was refused/,
    );
    expect(await fault("clear", "away")).toBe("sandbox default: away-3 cleared\n");
    expect(await fault("clear", "error-1")).toBe("sandbox default: error-1 cleared\n");
    expect(await fault("clear")).toBe("sandbox default: cut-2 cleared\n");
    expect(await fault("clear")).toBe("sandbox default: no fault was on\n");
    await ends(0, "get");
  });

  it("says what is wrong with what was typed: exit 2, and one clear error", async ({ home }) => {
    const { ends } = await up(home);
    for (const [line, said] of [
      ["", "which fault? One of throttle, error"],
      ["flood", '"flood" is no fault: one of throttle'],
      ["latency", "latency needs a duration: sts sandbox fault latency 500ms"],
      ["latency soon", '"soon" is not a duration'],
      ["latency 2m", "latency: from 1 ms to 60 s"],
      ["away 1h", "away: from 1 ms to 600 s"],
      ["kill-node", "kill-node needs a node: sts sandbox fault kill-node node-2"],
      ["compact now", 'compact does not take "now"'],
      ["compact --every=2", "--every is not for compact"],
      ["cut --every=0", '--every: "0" is not a whole number from 1 to 10000'],
      ["throttle --retry-after=1500ms", "--retry-after: whole seconds"],
      ["error --code=404", '--code: "404" is not one of 500, 503, 504'],
      ["error --verb=read", '--verb: "read" is not one of get, list'],
      ["error --resource=foos", `the server doesn't have a resource type "foos"`],
      ["error -o json", "-o is for list only"],
      ["list -o name", "unable to match a printer"],
    ] as const) {
      const { stdout, stderr } = await ends(2, "sandbox", "fault", ...line.split(" ").filter(Boolean));
      expect(stdout, line).toBe("");
      expect(stderr, line).toContain(`error: ${said}`);
    }
  });

  it("says what to do where there is no sandbox", async ({ home }) => {
    const none = await home.sts("sandbox", "fault", "list");
    expect(none).toMatchObject({
      code: 1,
      stderr: "error: sandbox default does not run; start it: sts sandbox up\n",
    });
    const one = await home.sts("sandbox", "logs", "--name=one");
    expect(one).toMatchObject({
      code: 1,
      stderr: "error: sandbox one does not run; start it: sts sandbox up --name=one\n",
    });
  });

  it("finds the sandbox of KUBECONFIG: that of sandbox run, and one among several", async ({ home }) => {
    const script = `"$@" sandbox fault error --count=1 && ! "$@" get && "$@" sandbox logs`;
    const line = ["sh", "-c", script, "sh", ...program];
    const ran = await home.sts("sandbox", "run", "--", ...line);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/^the sandbox of KUBECONFIG: error-1 is on\n/);
    const [, two] = await Promise.all([
      home.sts("sandbox", "up", "--name=one"),
      home.sts("sandbox", "up", "--name=two"),
    ]);
    const env = { KUBECONFIG: kubeconfigOf(two) };
    expect((await home.start(["sandbox", "fault", "cut"], { env }).ended).stdout).toBe(
      "sandbox two: cut-1 is on\n",
    );
    const named = await home.start(["sandbox", "fault", "list", "--name=one"], { env }).ended;
    expect(named).toMatchObject({ code: 0, stderr: "no fault is on\n" });
  });
});

describe.skipIf(!sandbox)(`sandbox logs${where}`, () => {
  it("shows requests, the faults that fell upon them, and goes on until the sandbox is down", async ({
    home,
  }) => {
    const { ends, fault, start } = await up(home);
    await ends(0, ...create);
    await fault("error", "--verb=list", "--count=1");
    await ends(1, "get");
    const follow = start("sandbox", "logs", "-f");
    await follow.untilWritten(
      / 500 list \d+ms \/apis\/apps\/v1\/namespaces\/default\/statefulsets\S* sts\/\S+ fault=error\n/,
    );
    expect(follow.stdout).toMatch(
      /^\S+Z 201 create \d+ms \/apis\/apps\/v1\/namespaces\/default\/statefulsets\?\S+ sts\//m,
    );
    expect(follow.stdout).toMatch(/^\S+Z fault: error --verb=list --count=1 \(error-1\)$/m);
    await ends(0, "scale", "web", "--replicas=2");
    await follow.untilWritten(/ 200 patch \d+ms \S+\/statefulsets\/web\/scale/);
    expect((await ends(0, "sandbox", "logs", "--tail=2")).stdout.trimEnd().split("\n")).toHaveLength(2);
    await ends(0, "sandbox", "down");
    expect((await follow.ended).code).toBe(0);
  });

  it("shows what a crashed one was asked last", async ({ home }) => {
    const { ends } = await up(home);
    await ends(0, ...create);
    await expect
      .poll(async () => (await ends(0, "sandbox", "logs")).stdout, { timeout: 10_000 })
      .toContain(" create ");
    const state = home.files().find((file) => file.endsWith("state.json")) ?? "";
    process.kill((JSON.parse(readFileSync(state, "utf8")) as { pid: number }).pid, "SIGKILL");
    await expect.poll(async () => (await home.sts("sandbox", "logs")).code, { timeout: 10_000 }).toBe(1);
    const { stdout, stderr } = await home.sts("sandbox", "logs", "--tail=3");
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(stderr).toBe("sandbox default has crashed\n");
  });
});

const kubectl = findProgram("kubectl");
const without = kubectl ? "" : " (skipped: kubectl not found in KUBEBUILDER_ASSETS or PATH)";

describe.skipIf(!sandbox || !kubectl)(`kubectl on a bad day${where || without}`, () => {
  it("says what it says of a real server", async ({ home }) => {
    const { ends, fault, kubeconfig } = await up(home);
    await ends(0, ...create);
    const env = { PATH: process.env["PATH"] ?? "", HOME: home.directory, KUBECONFIG: kubeconfig };
    const run = (...args: string[]) =>
      new Promise<string>((resolve) => {
        execFile(kubectl ?? "", args, { env, timeout: 30_000 }, (_error, _stdout, stderr) => resolve(stderr));
      });
    const cases: [fault: string[], args: string[], said: RegExp][] = [
      [
        ["error", "--resource=sts"],
        ["get", "sts"],
        /^Error from server \(InternalError\): Internal error occurred: etcdserver: request timed out\n$/,
      ],
      [
        ["error", "--code=503", "--resource=sts"],
        ["get", "sts"],
        /^Error from server \(ServiceUnavailable\): the server is currently unable to handle the request/,
      ],
      [
        ["error", "--code=504", "--resource=sts"],
        ["get", "sts"],
        /^Error from server \(Timeout\): Timeout: request did not complete within the allotted timeout/,
      ],
      [
        ["conflict"],
        ["label", "sts", "web", "tier=front"],
        /^Error from server \(Conflict\): Operation cannot be fulfilled on statefulsets\.apps "web": the object has been modified; please apply your changes to the latest version and try again\n$/,
      ],
      [["cut", "--resource=sts"], ["get", "sts"], /unexpected EOF\n$/],
      [
        ["away", "10m"],
        ["get", "sts"],
        /^The connection to the server 127\.0\.0\.1:\d+ was refused - did you specify the right host or port\?\n$/,
      ],
      // It comes back ten times, as it is told to.
      [["throttle", "--retry-after=1s", "--count=2"], ["get", "sts"], /^$/],
    ];
    for (const [put, args, said] of cases) {
      await fault(...put);
      expect(await run(...args), put.join(" ")).toMatch(said);
      await fault("clear");
    }
  });
});
