import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, expect, inject } from "vitest";
import { type Home, it, kubeconfigOf } from "./support/home.js";
import { program } from "./support/process.js";

/** The sandbox's process, as its own files say it. */
function pidOf(home: Home): number {
  for (const file of home.files().filter((name) => name.endsWith(".json"))) {
    const { pid } = JSON.parse(readFileSync(file, "utf8")) as { pid?: number };
    if (pid !== undefined) return pid;
  }
  throw new Error(`no file says the process: ${home.files().join(", ")}`);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const sandbox = inject("cluster").target === "sandbox";

// The command is the same whatever cluster the other scenarios run on: once is enough.
describe.skipIf(!sandbox)("sandbox", () => {
  it("up, used from another process, status and down, leaving nothing", async ({ home }) => {
    const before = home.files();
    const up = await home.sts("sandbox", "up", "--speed=20");
    expect(up.code, up.stderr).toBe(0);
    expect(up.stderr).toMatch(
      /^sandbox default is ready: Kubernetes v?1\.37\S* at https:\/\/127\.0\.0\.1:\d+\n$/,
    );
    const kubeconfig = kubeconfigOf(up);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    const pid = pidOf(home);
    expect(runs(pid)).toBe(true);

    const env = { KUBECONFIG: kubeconfig };
    const created = await home.start(["create", "web", "--image=nginx", "--storage=www=1Gi:/data"], { env })
      .ended;
    expect(created.code, created.stderr).toBe(0);
    const got = await home.start(["get", "-o", "name"], { env }).ended;
    expect(got.stdout).toBe("statefulset.apps/web\n");

    const again = await home.sts("sandbox", "up");
    expect(again.stderr).toContain("sandbox default runs already");
    expect(kubeconfigOf(again)).toBe(kubeconfig);

    const slower = await home.sts("sandbox", "up", "--speed=1");
    expect(slower).toMatchObject({ code: 1, stdout: "" });
    expect(slower.stderr).toBe(
      "error: sandbox default runs already, with --speed=20: end it first (sts sandbox down), or choose another --name\n",
    );

    const status = await home.sts("sandbox", "status");
    expect(status.code).toBe(0);
    expect(status.stdout).toContain("default");
    expect(status.stdout).toContain(kubeconfig);

    const down = await home.sts("sandbox", "down");
    expect(down).toMatchObject({ code: 0, stdout: "sandbox default is down\n" });
    await expect.poll(() => runs(pid), { timeout: 10_000 }).toBe(false);
    expect(home.files()).toEqual(before);
    expect((await home.sts("sandbox", "down")).stdout).toBe("sandbox default was not running\n");
    const empty = await home.sts("sandbox", "status");
    expect(empty).toMatchObject({ code: 0, stdout: "" });
    expect(empty.stderr).toContain("no sandbox runs");
    const late = await home.start(["get", "--request-timeout=5s"], { env }).ended;
    expect(late.code).toBe(2);
  });

  it("two by name know nothing of each other", async ({ home }) => {
    const [one, two] = await Promise.all([
      home.sts("sandbox", "up", "--name=one", "--speed=20"),
      home.sts("sandbox", "up", "--name=two", "--speed=20", "--kubernetes-version=1.36"),
    ]);
    expect([one.code, two.code], one.stderr + two.stderr).toEqual([0, 0]);
    const [first, second] = [kubeconfigOf(one), kubeconfigOf(two)];
    expect(first).not.toBe(second);
    await home.start(["create", "web", "--image=nginx"], { env: { KUBECONFIG: first } }).ended;
    const other = await home.start(["get"], { env: { KUBECONFIG: second } }).ended;
    expect(other.stderr).toBe("No resources found in default namespace.\n");
    const both = await home.sts("sandbox", "status");
    expect(both.stdout).toMatch(/one[^]*two/);
    expect(both.stdout).toContain("1.36");
    const named = await home.sts("sandbox", "status", "--name=two", "-o", "json");
    expect(named.code, named.stderr).toBe(0);
    const shown = { state: "running", name: "two", kubernetesVersion: "1.36", kubeconfig: second, speed: 20 };
    expect(JSON.parse(named.stdout)).toMatchObject({ items: [shown] });
    const missing = await home.sts("sandbox", "status", "--name=three");
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toBe("sandbox three does not run; start it: sts sandbox up --name=three\n");
    expect((await home.sts("sandbox", "down", "--name=one")).stdout).toBe("sandbox one is down\n");
    expect((await home.start(["get"], { env: { KUBECONFIG: second } }).ended).code).toBe(0);
  });

  it("one that was killed is noticed, cleaned away and replaced", async ({ home }) => {
    const up = await home.sts("sandbox", "up");
    const kubeconfig = kubeconfigOf(up);
    const pid = pidOf(home);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => runs(pid), { timeout: 10_000 }).toBe(false);
    const status = await home.sts("sandbox", "status");
    expect(status.code).toBe(1);
    expect(status.stderr).toBe(
      "sandbox default has crashed and was cleaned away\nno sandbox runs; start one: sts sandbox up\n",
    );
    expect(existsSync(kubeconfig)).toBe(false);
    expect(home.files()).toEqual([]);
    const again = await home.sts("sandbox", "up");
    expect(again.code, again.stderr).toBe(0);
    expect(pidOf(home)).not.toBe(pid);
    process.kill(pidOf(home), "SIGKILL");
    const third = await home.sts("sandbox", "up");
    expect(third.stderr).toMatch(
      /^sandbox default had crashed; another one takes its place\nsandbox default is ready/,
    );
    process.kill(pidOf(home), "SIGKILL");
    const down = await home.sts("sandbox", "down");
    expect(down).toMatchObject({ code: 0, stdout: "sandbox default had crashed; cleaned away\n" });
    expect(home.files()).toEqual([]);
  });

  it("outlives the process that started it", async ({ home }) => {
    const up = await home.sts("sandbox", "up");
    const pid = pidOf(home);
    const parent = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
    expect(parent).not.toBe(String(process.pid));
    expect((await home.start(["get"], { env: { KUBECONFIG: kubeconfigOf(up) } }).ended).code).toBe(0);
  });

  it("run gives a cluster to one command, passes its exit code on, and leaves nothing", async ({ home }) => {
    const script = 'test -r "$KUBECONFIG" && stat -c %a "$KUBECONFIG" && echo "$KUBECONFIG" && exit 42';
    const result = await home.sts("sandbox", "run", "--speed=20", "--", "sh", "-c", script);
    expect(result.code, result.stderr).toBe(42);
    const [mode, file = ""] = result.stdout.split("\n");
    expect(mode).toBe("600");
    expect(existsSync(file)).toBe(false);
    expect(home.files()).toEqual([]);
    const used = await home.sts(
      "sandbox",
      "run",
      "--speed=20",
      "--",
      ...program,
      "create",
      "web",
      "--image=nginx",
    );
    expect(used.code, used.stderr).toBe(0);
    expect(used.stdout).toBe("service/web created\nstatefulset.apps/web created\n");
    const missing = await home.sts("sandbox", "run", "--", "no-such-command");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("no-such-command");
    expect(missing.stderr).not.toMatch(/^\s+at /m);
    const killed = await home.sts("sandbox", "run", "--", "sh", "-c", "kill -TERM $$");
    expect(killed.code).toBe(143);
    expect(home.files()).toEqual([]);
  });

  it("run, interrupted, ends its command and leaves nothing", async ({ home }) => {
    const running = home.start(["sandbox", "run", "--", "sh", "-c", "echo $$; exec sleep 60"]);
    await running.untilWritten(/^\d+\n/);
    const pid = Number(running.stdout);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
    await expect.poll(() => runs(pid), { timeout: 10_000 }).toBe(false);
    expect(home.files()).toEqual([]);
  });

  it("run outlives a closed terminal until all is cleaned away", async ({ home }) => {
    const running = home.start(["sandbox", "run", "--", "sh", "-c", "echo $$; exec sleep 60"]);
    await running.untilWritten(/^\d+\n/);
    const pid = Number(running.stdout);
    running.kill("SIGHUP");
    expect((await running.ended).code).toBe(129);
    expect(runs(pid)).toBe(false);
    expect(home.files()).toEqual([]);
  });

  it("run leaves it to its command what becomes of signals", async ({ home }) => {
    const script = "trap 'exit 9' INT; trap 'echo once' HUP; echo $$; while :; do sleep 0.05; done";
    const running = home.start(["sandbox", "run", "--", "sh", "-c", script]);
    await running.untilWritten(/^\d+\n/);
    running.kill("SIGHUP");
    await running.untilWritten(/once/);
    running.kill("SIGINT");
    expect((await running.ended).code).toBe(9);
    expect(home.files()).toEqual([]);
  });

  it("refuses bad names and settings: exit 2, and nothing is started", async ({ home }) => {
    for (const args of [
      ["up", "--name=../evil"],
      ["up", "--name="],
      ["up", "--speed=0"],
      ["up", "--nodes=-1"],
      ["up", "--kubernetes-version=1.12"],
      ["run"],
      ["down", "--name=a/b"],
      ["up", "other"],
      ["down", "other"],
      ["status", "other"],
      ["status", "--name=a/b"],
      ["status", "-o", "wide"],
      ["run", "sh", "--", "true"],
    ]) {
      const { code, stdout, stderr } = await home.sts("sandbox", ...args);
      expect(code, `${args.join(" ")}\n${stderr}`).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^error: /);
    }
    expect(home.files()).toEqual([]);
  });
});
