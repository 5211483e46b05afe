import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";

let world: Sandboxed;
beforeAll(async () => {
  // Slow enough for pods to outlive their set.
  world = await startSandboxed({ speed: 2 });
});
afterAll(() => world.stop());

describe("delete", () => {
  it("waits for the pods, which outlive the set", async () => {
    await world.run(["create", "web", "--image=nginx", "--replicas=2", "--pod-management=Parallel"]);
    const { code, out, err } = await world.run(["delete", "web"]);
    expect(code).toBe(0);
    expect(out).toBe('statefulset.apps "web" deleted\n');
    for (const pod of ["web-0", "web-1"]) expect(err).toContain(`default/web ${pod}: gone`);
    expect((await world.cluster.list(kinds.pod, {})).items).toEqual([]);
  });

  it("waits, run again, for the pods of a set that is gone before it deletes the claims", async () => {
    await world.run(["create", "db", "--image=nginx", "--storage=data=1Gi:/data"]);
    const hold = (finalizers: string[] | null) => {
      const body = { metadata: { finalizers } };
      return world.cluster.patch(kinds.pod, { name: "db-0" }, { type: "merge", body });
    };
    await hold(["test/hold"]);
    await world.cluster.delete(kinds.statefulSet, { name: "db" });
    const words = ["delete", "db", "--claims=delete", "--yes"];
    const early = await world.run([...words, "--timeout=500ms"]);
    expect(early).toMatchObject({ code: 3, out: "" });
    expect(early.err).toContain("timed out waiting for db-0 to go; no claim was deleted");
    await hold(null);
    expect(await world.run(words)).toMatchObject({
      code: 0,
      out: 'persistentvolumeclaim "data-db-0" deleted\n',
    });
  });
});
