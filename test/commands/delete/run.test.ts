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
});
