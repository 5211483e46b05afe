import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../../src/cluster/errors.js";
import { kinds } from "../../src/core/kinds.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
});
afterAll(() => world.stop());

const exists = async (kind: (typeof kinds)["statefulSet"] | (typeof kinds)["service"], name: string) => {
  try {
    await world.cluster.get(kind as (typeof kinds)["statefulSet"], { name });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.reason === "NotFound") return false;
    throw error;
  }
};

const bundle = (name: string, more = "") => `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ${name}}
spec:
  serviceName: ${name}
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - {name: main, image: "nginx:1.29", ports: [{name: web, containerPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}-config}
data: {a: b}
${more}`;

describe("create from flags", () => {
  it("makes Service and set, waits for the pods in order, and prints a line each", async () => {
    const { code, out, err } = await world.run(
      "create web --image=nginx:1.29 --replicas=2 --port=web:80 --storage=www=1Gi:/data --pdb=max-unavailable=1".split(
        " ",
      ),
    );
    expect(out).toBe(
      "service/web created\nstatefulset.apps/web created\npoddisruptionbudget.policy/web created\n",
    );
    expect(err).toContain("no Service web yet: a headless one is made from the ports of web");
    expect(err.indexOf("web-0: ready")).toBeLessThan(err.indexOf("web-1: created"));
    expect(code).toBe(0);
    const service = await world.cluster.get(kinds.service, { name: "web" });
    expect(service.spec).toMatchObject({
      clusterIP: "None",
      selector: { app: "web" },
      ports: [{ name: "web", port: 80 }],
    });
  });

  it("refuses a set that is there already, and says how to wait for it", async () => {
    const words = "create twice --image=nginx".split(" ");
    expect((await world.run(words)).code).toBe(0);
    const again = await world.run(words);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toBe(
      [
        "service/twice exists already and is used",
        'Error from server (AlreadyExists): statefulsets.apps "twice" already exists',
        "  twice is as asked for already; to wait for it: sts rollout status twice",
        "",
      ].join("\n"),
    );
    const other = await world.run([...words, "--replicas=2"]);
    expect(other.code).toBe(1);
    expect(other.err).toContain(
      "it is not as asked for: kubectl get statefulsets twice -o yaml shows it\nnothing was created",
    );
  });

  it("goes on where an earlier run was killed", async () => {
    const words = "create half --image=nginx --pdb=max-unavailable=1 --wait=false".split(" ");
    expect((await world.run(words)).code).toBe(0);
    await world.cluster.delete(kinds.statefulSet, { name: "half" });
    await expect.poll(() => exists(kinds.statefulSet, "half"), { timeout: 15_000 }).toBe(false);
    const { code, out } = await world.run(words);
    expect(out).toBe("statefulset.apps/half created\npoddisruptionbudget.policy/half unchanged\n");
    expect(code).toBe(0);
  });

  it("goes on to wait where an earlier run was killed while it waited", async () => {
    const slow = "metadata: {labels: {app: late}, annotations: {sandbox/slow: 60s}}";
    const input = bundle("late").replace("metadata: {labels: {app: late}}", slow);
    expect((await world.run(["create", "-f", "-", "--wait=false"], { input })).code).toBe(0);
    const again = await world.run(["create", "-f", "-"], { input });
    expect(again.out).toBe("configmap/late-config unchanged\nstatefulset.apps/late unchanged\n");
    expect(again.err).toContain("late-0: ready");
    expect(again.code).toBe(0);
    expect((await world.run(["create", "-f", "-"], { input })).code).toBe(1);
  });

  it("asks no cluster with --dry-run=client, and stores nothing with --dry-run=server", async () => {
    const words = "create dry --image=nginx --port=80".split(" ");
    expect((await world.run([...words, "--dry-run"])).out).toBe(
      "service/dry created (dry run)\nstatefulset.apps/dry created (dry run)\n",
    );
    expect((await world.run([...words, "--dry-run=server"])).out).toBe(
      "service/dry created (server dry run)\nstatefulset.apps/dry created (server dry run)\n",
    );
    expect((await world.run([...words, "--dry-run=server", "-o", "name"])).out).toBe(
      "service/dry\nstatefulset.apps/dry\n",
    );
    expect(await exists(kinds.statefulSet, "dry")).toBe(false);
    expect(await exists(kinds.service, "dry")).toBe(false);
  });

  it("gives one document after the waiting", async () => {
    const { out, code } = await world.run("create doc --image=nginx -o json".split(" "));
    const list = JSON.parse(out) as {
      kind: string;
      items: { kind: string; status: { readyReplicas: number } }[];
    };
    expect(list.items.map(({ kind }) => kind)).toEqual(["Service", "StatefulSet"]);
    expect(list.items[1]?.status.readyReplicas).toBe(1);
    expect(code).toBe(0);
  });

  it("warns of what will not work", async () => {
    const noClass = await world.run(
      "create nc --image=nginx --storage=a=1Gi:/a,class=fast --replicas=4 --dry-run=server".split(" "),
    );
    expect(noClass.err).toContain(
      "warning: StorageClass fast does not exist, and no Available PersistentVolume fits: a-nc-0, a-nc-1 and 2 more will stay Pending",
    );
    const foreign = await world.run("create other --image=nginx --service=web --dry-run=server".split(" "));
    expect(foreign.err).toContain(
      "warning: Service web does not select the pods of other: it selects app=web",
    );
    const none = await world.run("create bare --image=nginx --no-service --dry-run=server".split(" "));
    expect(none.err).toContain("warning: Service bare does not exist");
    expect(none.out).toBe("statefulset.apps/bare created (server dry run)\n");
  });

  it("warns of what the server drops because its gate is off, and so does apply", async () => {
    const words = "create gated --image=nginx --max-unavailable=2".split(" ");
    const input = (await world.run([...words, "--dry-run=client", "-o", "yaml"])).out;
    expect((await world.run([...words, "--dry-run=server"])).err).not.toContain("dropped");
    const older = await startSandboxed({ kubernetesVersion: "1.36" });
    try {
      const warning =
        "warning: statefulset.apps/gated: this server has MaxUnavailableStatefulSet off: " +
        "spec.updateStrategy.rollingUpdate.maxUnavailable was dropped\n";
      for (const line of [[...words, "--dry-run=server"], words, ["apply", "-f", "-"]]) {
        const { code, err } = await older.run(line, { input });
        expect(err.split(warning)).toHaveLength(2);
        expect(code).toBe(0);
      }
    } finally {
      await older.stop();
    }
  });

  it("says which old claims come back", async () => {
    const words = "create back --image=nginx --storage=www=1Gi:/data".split(" ");
    await world.run(words);
    await world.cluster.delete(kinds.statefulSet, { name: "back" });
    await expect.poll(() => exists(kinds.statefulSet, "back"), { timeout: 15_000 }).toBe(false);
    expect((await world.run([...words, "--wait=false"])).err).toMatch(
      /default\/back: www-back-0 comes back with its old data/,
    );
  });

  it.each([
    ["create", "error: the name of a StatefulSet is needed"],
    ["create web", "error: --image=IMAGE is needed: what the pods run, such as nginx:1.29"],
    ["create web --image=nginx --replicas=-1", '--replicas: "-1" is not a whole number from 0 to 150000'],
    ["create web --image=nginx --replicas=1000000000", '--replicas: "1000000000" is not'],
    ["create web --image=nginx --storage=a=1GB:/a", '--storage: "1GB" is not a quantity'],
    ["create web --image=nginx -f a.yaml", "--image cannot be used with -f"],
    ["create web -f a.yaml", "-f and the name web cannot be used together"],
    ["create -f nowhere.yaml", 'the path "nowhere.yaml" does not exist'],
    ["create web --image=nginx -o go-template={{.x}}", "-o go-template is not supported"],
    ["create web --image=nginx --bogus", "unknown flag: --bogus"],
    [`create ${"x".repeat(53)} --image=nginx`, "is 53 characters long"],
    [
      "create web --image=nginx --strategy=OnDelete --partition=1",
      "--partition has no meaning with --strategy=OnDelete",
    ],
  ])("%s is refused before anything is sent", async (line, message) => {
    const { err, ...outcome } = await world.run(line.split(" "));
    expect(outcome).toEqual({ code: 2, out: "", requests: 0 });
    expect(err).toContain(message);
  });
});

describe("create from YAML", () => {
  it("creates a bundle in the order of dependency, its Namespace first", async () => {
    const text = `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---${bundle("db").replaceAll(/metadata: \{name: ([\w-]+)\}/g, "metadata: {name: $1, namespace: shop}")}`;
    const dry = await world.run(["create", "-f", "b.yaml", "--dry-run=server"], {
      files: { "b.yaml": text },
    });
    expect(dry.code).toBe(0);
    const { code, out } = await world.run(["create", "-f", "b.yaml"], { files: { "b.yaml": text } });
    expect(out).toBe(
      "namespace/shop created\nconfigmap/db-config created\nservice/db created\nstatefulset.apps/db created\n",
    );
    expect(code).toBe(0);
    const again = await world.run(["create", "-f", "b.yaml"], { files: { "b.yaml": text } });
    expect(again.code).toBe(1);
    expect(again.err).toContain('namespaces "shop" already exists');
  });

  it("creates nothing when one object is invalid, and names its line", async () => {
    const text = bundle(
      "bad",
      "---\napiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec:\n  clusterIP: None\n  ports: [{port: 99999}]\n",
    );
    const { code, err, out } = await world.run(["create", "-f", "-"], { input: text });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain('The Service "bad" is invalid');
    expect(err).toContain("standard input:25:12: spec.ports[0].port");
    expect(err).toContain("nothing was created");
    expect(await exists(kinds.statefulSet, "bad")).toBe(false);
  });

  it("reports unknown fields with their place", async () => {
    const { code, err } = await world.run(["create", "-f", "-"], {
      input: bundle("typo").replace("replicas: 1", "replica: 1"),
    });
    expect(code).toBe(1);
    expect(err).toMatch(/unknown field "spec\.replica"\n {2}standard input:7:3: spec\.replica/);
  });

  it("refuses what no server would and every kind of wrong type, with exit code 2", async () => {
    const long = await world.run(["create", "-f", "-"], { input: bundle("n".repeat(53)) });
    expect(long.code).toBe(2);
    expect(long.err).toContain("standard input:4:12: StatefulSet");
    const wrong = await world.run(["create", "-f", "-"], {
      input: bundle("w").replace("replicas: 1", "replicas: one"),
    });
    expect(wrong.code).toBe(2);
    const ns = await world.run(["create", "-f", "-", "-n", "b"], {
      input: bundle("w").replace("{name: w}", "{name: w, namespace: a}"),
    });
    expect(ns.code).toBe(2);
    expect(ns.err).toContain('the namespace from the provided object "a" does not match the namespace "b"');
  });

  it("says what to do about a namespace that does not exist, and about missing rights", async () => {
    const nowhere = await world.run("create x --image=nginx -n nowhere".split(" "));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toContain(
      'namespaces "nowhere" not found\n  first: kubectl create namespace nowhere\nnothing was created',
    );
    const alice = await world.run("create x --image=nginx".split(" "), { token: "alice" });
    expect(alice.code).toBe(1);
    expect(alice.err).toContain('User "alice" cannot create resource "statefulsets"');
    expect(alice.err).toContain("--no-service");
    expect(alice.err).toContain("nothing was created");
  });
});
