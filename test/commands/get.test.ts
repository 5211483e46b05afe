import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { InterruptedError } from "../../src/errors.js";
import { eventually } from "../support/eventually.js";
import { statefulSet } from "../support/manifests.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testSink } from "../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
  await world.cluster.create(kinds.statefulSet, statefulSet("default", { name: "web", replicas: 2 }));
  await world.cluster.create(
    kinds.statefulSet,
    statefulSet("default", { name: "db", replicas: 0, spec: { updateStrategy: { type: "OnDelete" } } }),
  );
  await eventually("web is ready", async () => {
    const { status } = await world.cluster.get(kinds.statefulSet, { name: "web" });
    return status?.readyReplicas === 2 || undefined;
  });
});
afterAll(() => world.stop());

const ages = (text: string) => text.replace(/\b\d+s\b/g, "1s");
const get = async (line: string) => {
  const { out, ...rest } = await world.run(["get", ...line.split(" ").filter(Boolean)]);
  return { ...rest, out: ages(out) };
};

describe("get", () => {
  it("prints kubectl's table", async () => {
    expect(await get("")).toMatchObject({
      code: 0,
      err: "",
      out: "NAME   READY   AGE\ndb     0/0     1s\nweb    2/2     1s\n",
    });
    expect((await get("sts/web")).out).toBe("NAME   READY   AGE\nweb    2/2     1s\n");
    expect((await get("-A --no-headers web=1".replace(" web=1", ""))).out).toBe(
      "default   db    0/0   1s\ndefault   web   2/2   1s\n",
    );
  });

  it("adds what kubectl leaves out with -o wide", async () => {
    const [headers = "", db = "", web = ""] = (await get("-o wide")).out.split("\n");
    expect(headers.split(/\s+/)).toEqual(
      "NAME READY AGE CONTAINERS IMAGES UPDATED AVAILABLE PARTITION REVISION".split(" "),
    );
    expect(db).toContain("<none>");
    expect(web).toMatch(/^web {4}2\/2 {5}1s {4}nginx {8}nginx:1\.29 {3}2 {9}2 {11}0 {11}[a-z0-9]+$/);
  });

  it("shows labels, selects and sorts", async () => {
    expect((await get("-L app --show-labels --sort-by=.spec.replicas")).out).toContain("LABELS");
    expect((await get("--sort-by={.spec.replicas} --no-headers")).out).toMatch(/^db[^]*web/);
    expect((await get("--field-selector metadata.name=web -o name")).out).toBe("statefulset.apps/web\n");
    expect(await get("-l none=x")).toMatchObject({
      code: 0,
      out: "",
      err: "No resources found in default namespace.\n",
    });
  });

  it("prints documents without managedFields, keys sorted, kind in every item", async () => {
    const list = JSON.parse((await get("-o json")).out);
    expect(Object.keys(list)).toEqual(["apiVersion", "items", "kind", "metadata"]);
    expect(list.items[1]).toMatchObject({ apiVersion: "apps/v1", kind: "StatefulSet" });
    expect(list.items[1].metadata.managedFields).toBeUndefined();
    expect(
      JSON.parse((await get("web -o json --show-managed-fields")).out).metadata.managedFields,
    ).toBeDefined();
    expect((await get("web -o jsonpath={.status.readyReplicas}")).out).toBe("2");
    expect((await get("-o custom-columns=N:.metadata.name,R:.spec.replicas")).out).toBe(
      "N     R\ndb    0\nweb   2\n",
    );
    expect((await get("-o yaml -l none=x")).out).toBe(
      'apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: ""\n',
    );
  });

  it("prints what it found, and an error for each name that does not exist", async () => {
    const { code, out, err } = await get("nope web gone");
    expect(code).toBe(1);
    expect(out).toContain("web ");
    expect(err).toBe(
      'Error from server (NotFound): statefulsets.apps "nope" not found\nError from server (NotFound): statefulsets.apps "gone" not found\n',
    );
    expect(await get("nope --ignore-not-found")).toMatchObject({ code: 0, out: "", err: "" });
  });

  it.each([
    ["web -l app=x", "names and selectors cannot be used together"],
    ["web -A", "a resource cannot be retrieved by name across all namespaces"],
    ["-l a=b=c", "is not a label selector"],
    ["pod/web", "sts works on StatefulSets only"],
    ["-o go-template=x", "not supported"],
    ["-o jsonpath={.a", "unclosed action"],
  ])("refuses %s", async (line, message) => {
    const { code, err, requests } = await get(line);
    expect({ code, requests }).toEqual({ code: 2, requests: 0 });
    expect(err).toContain(message);
  });

  it("reports an index that is not there", async () => {
    const { code, err } = await get("web -o jsonpath={.spec.template.spec.containers[7].name}");
    expect(code).toBe(1);
    expect(err).toContain("array index out of bounds: index 7, length 1");
  });

  it("passes on what may not be read", async () => {
    const { code, err } = await world.run(["get"], { token: "alice" });
    expect(code).toBe(1);
    expect(err).toMatch(/^Error from server \(Forbidden\): statefulsets\.apps is forbidden: User "alice"/);
  });

  it("prints a row for every change that can be seen, until it is interrupted", async () => {
    const interruption = new AbortController();
    const out = testSink();
    const watching = world.run(["get", "web", "-w"], { signal: interruption.signal, out });
    await expect
      .poll(() => ages(out.text), { timeout: 15_000 })
      .toBe("NAME   READY   AGE\nweb    2/2     1s\n");
    await world.cluster.patch(
      kinds.statefulSet,
      { name: "web" },
      { type: "merge", body: { metadata: { annotations: { a: "b" } } } },
    );
    await world.cluster.patch(
      kinds.statefulSet,
      { name: "web" },
      { type: "merge", body: { spec: { replicas: 3 } } },
    );
    await expect
      .poll(() => ages(out.text), { timeout: 15_000 })
      .toMatch(/web {4}2\/3 {5}1s\nweb {4}3\/3 {5}1s\n$/);
    interruption.abort(new InterruptedError("SIGINT"));
    expect((await watching).code).toBe(130);
    expect(ages(out.text)).toBe(
      "NAME   READY   AGE\nweb    2/2     1s\nweb    2/3     1s\nweb    3/3     1s\n",
    );
  });
});
