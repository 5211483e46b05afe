import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { main } from "../../src/main.js";
import { FakeCluster } from "../support/fake-cluster.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testContext } from "../support/test-context.js";

let world: Sandboxed;
const run = (line: string) => world.run(line.split(" "));
const status = (line: string) => run(`rollout status ${line}`);

beforeAll(async () => {
  world = await startSandboxed();
  await run("create web --image=nginx:1 --replicas=2 --labels=tier=front");
  await run("create db --image=nginx:1 --replicas=1 --labels=tier=back");
  await run("create bad --image=nginx:image-pull --replicas=1 --labels=tier=back");
  for (const name of ["one", "two"]) {
    await world.cluster.create(kinds.namespace, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
  }
  await run("create web --image=nginx:1 --replicas=1 -n one");
});
afterAll(() => world.stop());

describe("rollout status of one set", () => {
  it("is a line on stdout when it is done, and exit code 0", async () => {
    expect(await status("web")).toMatchObject({ code: 0, out: "statefulset.apps/web: 2 of 2 ready\n" });
    const look = await status("web --watch=false");
    expect(look).toMatchObject({ code: 0, out: "statefulset.apps/web: 2 of 2 ready\n", err: "" });
  });

  it("leaves stdout empty when it has failed and said so, unless it did not wait", async () => {
    const waited = await status("bad");
    expect(waited).toMatchObject({ code: 4, out: "" });
    expect(waited.err).toContain("✗ default/bad: bad-0 cannot pull its image");
    const looked = await status("bad --watch=false");
    expect(looked).toMatchObject({ code: 4, err: "" });
    expect(looked.out).toMatch(/^statefulset\.apps\/bad: bad-0 cannot pull its image/);
  });

  it("is a document for a program, also when it has failed", async () => {
    const { code, out } = await status("bad -o json --progress=none");
    expect(code).toBe(4);
    expect(JSON.parse(out)).toEqual({
      items: [
        {
          namespace: "default",
          name: "bad",
          state: "Failed",
          reason: "ImagePullBackOff",
          message: expect.stringContaining("bad-0 cannot pull its image"),
          ordinal: 0,
          next: [{ label: "see more", command: "kubectl describe pod bad-0" }],
          exitCode: 4,
        },
      ],
    });
    const path = await status("web --watch=false -o jsonpath={.items[0].state}");
    expect(path).toMatchObject({ code: 0, out: "Done" });
  });
});

describe("rollout status of several sets", () => {
  it("is a table in the order of the names, and the gravest exit code", async () => {
    const { code, out, err } = await status("web bad db");
    expect(code).toBe(4);
    expect(out.split("\n").map((line) => line.replace(/ {3,}/g, "|"))).toEqual([
      "NAME|STATE|READY|UPDATED|MESSAGE",
      "web|Done|2/2|2/2|2 of 2 ready",
      expect.stringMatching(/^bad\|Failed\|0\/1\|1\/1\|bad-0 cannot pull its image/),
      "db|Done|1/1|1/1|1 of 1 ready",
      "",
    ]);
    expect(err).toContain("default/web: done in");
  });

  it("takes labels, and all of a namespace, by name", async () => {
    const back = await status("-l tier=back --watch=false");
    expect(back.code).toBe(4);
    expect(back.out.match(/^\S+/gm)).toEqual(["NAME", "bad", "db"]);
    const all = await status("--all --watch=false");
    expect(all.out.match(/^\S+/gm)).toEqual(["NAME", "bad", "db", "web"]);
    expect((await status("--all -n one")).out).toBe("statefulset.apps/web: 1 of 1 ready\n");
  });

  it("takes every namespace, named in the first column", async () => {
    const { code, out } = await status("-A --watch=false");
    expect(code).toBe(4);
    expect(out.split("\n").map((line) => line.split(/ +/).slice(0, 3).join(" "))).toEqual([
      "NAMESPACE NAME STATE",
      "default bad Failed",
      "default db Done",
      "default web Done",
      "one web Done",
      "",
    ]);
    const front = await status("-A -l tier=front");
    expect(front.code).toBe(0);
    expect(front.out.split("\n")[1]).toMatch(/^default +web +Done/);
  });

  it.each([
    ["-l tier=none", "no StatefulSet with labels tier=none in namespace default"],
    ["-A -l tier=none", "no StatefulSet with labels tier=none in any namespace"],
    ["--all -n two", "no StatefulSet in namespace two"],
  ])("says that %s fits nothing, exit code 2", async (line, message) => {
    const { code, out, err } = await status(line);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(message);
  });

  it.each([
    ["web -A", "cannot be retrieved by name across all namespaces"],
    ["web --all", "cannot be used together"],
    ["-l tier=a --all", "cannot be used together"],
    ["-l tier==,", "tier"],
    ["-o wide web", "unable to match a printer"],
    ["--watch", "name a StatefulSet"],
  ])("refuses %s with nothing sent", async (line, message) => {
    const { code, err, requests } = await status(line);
    expect({ code, requests }).toEqual({ code: 2, requests: 0 });
    expect(err).toContain(message);
  });

  it.each([
    ["", "", "No resources found\n"],
    ["-o=json", '{\n    "items": []\n}\n', ""],
    ["--watch=false", "", "No resources found\n"],
  ])("finds nothing in an empty cluster with exit code 0 %s", async (flag, out, err) => {
    const context = testContext({ cluster: new FakeCluster() });
    const code = await main(["rollout", "status", "-A", ...(flag ? [flag] : [])], context);
    expect({ code, out: context.out.text, err: context.err.text }).toEqual({ code: 0, out, err });
  });

  it("is not for commands that write", async () => {
    for (const line of ["scale -A --replicas=1", "scale --all-namespaces --replicas=1"]) {
      expect(await run(line)).toMatchObject({ code: 2, requests: 0 });
    }
  });
});

describe("what is held on purpose", () => {
  beforeAll(async () => {
    await run("create held --image=nginx:1 --replicas=3");
    await run("set image held nginx=nginx:2 --stage=1");
  });

  it("is done, and says how it goes on", async () => {
    const held = "3 of 3 ready; held-0 and held-1 held at an older revision (partition 2)";
    const { code, out } = await status("held");
    expect({ code, out }).toEqual({
      code: 0,
      out: `statefulset.apps/held: ${held}; staged; go on: sts rollout promote held\n`,
    });
    const { items } = JSON.parse((await status("held --watch=false -o json")).out);
    expect(items[0].next).toEqual([
      { label: "go on", command: "sts rollout promote held" },
      { label: "go back", command: "sts rollout abort held" },
    ]);
    const page = (await run("status held")).out;
    expect(page).toContain("· staged\n");
    expect(page).toContain("Next: sts rollout promote held · sts rollout abort held\n");
  });

  it("is a pause, too", async () => {
    await run("create idle --image=nginx:1 --replicas=1");
    await run("rollout pause idle");
    expect(await status("idle")).toMatchObject({
      code: 0,
      out: "statefulset.apps/idle: 1 of 1 ready; paused; go on: sts rollout resume idle\n",
    });
    const page = (await run("status idle")).out;
    expect(page).toContain("· paused\n");
    expect(page).toContain("Next: sts rollout resume idle\n");
  });
});

describe("rollout status of many sets", () => {
  it("asks no more than for one, whether it waits or not", async () => {
    const names = Array.from({ length: 12 }, (_unused, index) => `set-${index}`);
    await world.cluster.create(kinds.namespace, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "many" },
    });
    for (const name of names) await world.cluster.create(kinds.statefulSet, manifest(name));
    // Sets that come to their end one by one are confirmed one by one: they are counted once all are there.
    await status("--all -n many");
    const waited = await status("--all -n many");
    expect(waited.code).toBe(0);
    expect(waited.out.split("\n")).toHaveLength(14);
    // The sets, three lists with their watches, eight fresh reads and a list for all others.
    expect(waited.requests).toBeLessThanOrEqual(1 + 6 + 8 + 1);
    const looked = await status("--all -n many --watch=false");
    expect(looked.out).toBe(waited.out);
    expect(looked.requests).toBe(4);
  });
});

function manifest(name: string): Manifest {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: "many" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } },
    },
  };
}
