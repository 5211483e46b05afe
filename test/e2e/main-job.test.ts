import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { claimsOf, ends, imageOf, names, order, podsOf } from "./support/walk.js";

const images = async (scenario: Scenario): Promise<(string | undefined)[]> => {
  const pods = await podsOf(scenario);
  return names(pods.keys()).map((name) => imageOf(pods.get(name)));
};

describe("the main job", () => {
  it("creates, scales 3 → 6 → 2, stages, promotes, scales down and cleans up", async ({ scenario }) => {
    const storageClass = await scenario.storageClass();
    const storage = `--storage=www=1Gi:/data,class=${storageClass}`;
    const create = await ends(
      scenario,
      0,
      ...["create", "web", "--image=nginx:1.29", "--replicas=3", "--port=web:80", storage],
    );
    expect(create.stdout).toBe("service/web created\nstatefulset.apps/web created\n");
    expect(order(create, "created")).toEqual(["web-0", "web-1", "web-2"]);
    expect(order(create, "ready")).toEqual(["web-0", "web-1", "web-2"]);

    const up = await ends(scenario, 0, "scale", "web", "--replicas=6");
    expect(up.stdout).toBe("statefulset.apps/web scaled\n");
    expect(order(up, "created")).toEqual(["web-3", "web-4", "web-5"]);
    // One after the other: each is ready before the next is made.
    const moves = [...up.stderr.matchAll(/^\S+ (web-\d: (?:created|ready))/gm)].map(([, move]) => move);
    expect(moves).toEqual([
      ...["web-3: created", "web-3: ready"],
      ...["web-4: created", "web-4: ready"],
      ...["web-5: created", "web-5: ready"],
    ]);

    const down = await ends(scenario, 0, "scale", "web", "--replicas=2");
    expect(down.stdout).toBe("statefulset.apps/web scaled\n");
    expect(order(down, "gone")).toEqual(["web-5", "web-4", "web-3", "web-2"]);

    const staged = await ends(scenario, 0, "set", "image", "web", "nginx=nginx:1.30", "--stage=1");
    expect(staged.stdout).toBe("statefulset.apps/web image updated\n");
    expect(staged.stderr).toContain("web-1 first; web-0 held");
    expect(await images(scenario)).toEqual(["nginx:1.29", "nginx:1.30"]);

    const promoted = await ends(scenario, 0, "rollout", "promote", "web");
    expect(promoted.stdout).toBe("statefulset.apps/web promoted\n");
    expect(order(promoted, "created")).toEqual(["web-0"]);
    expect(await images(scenario)).toEqual(["nginx:1.30", "nginx:1.30"]);

    expect((await ends(scenario, 0, "scale", "web", "--replicas=1")).stdout).toBe(
      "statefulset.apps/web scaled\n",
    );
    const cleaned = await ends(scenario, 0, "pvc", "cleanup", "web", "--yes");
    expect(names(cleaned.stdout.trimEnd().split("\n"))).toEqual(
      [1, 2, 3, 4, 5].map((ordinal) => `persistentvolumeclaim "www-web-${ordinal}" deleted`),
    );
    expect([...(await claimsOf(scenario)).keys()]).toEqual(["www-web-0"]);

    const status = await ends(scenario, 0, "status", "web");
    expect(status.stdout).toContain("nginx:1.30 · 1 of 1 ready");
    expect(status.stdout).toContain("www-web-0 1Gi");
    expect(status.stderr).toBe("");
  });

  it("says, and sends, nothing more when everything is as wanted already", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=2");
    const before = await scenario.read(kinds.statefulSet, "web");
    const again = await ends(scenario, 0, "scale", "web", "--replicas=2");
    expect(again.stdout).toBe("statefulset.apps/web scaled\n");
    expect(again.stderr).toContain("already at 2 replicas");
    expect(order(again, "")).toEqual([]);
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(
      before?.metadata.generation,
    );
    const image = await ends(scenario, 0, "set", "image", "web", "nginx=nginx");
    expect(image.stdout).toBe("statefulset.apps/web image unchanged\n");
  });

  it("scales to nothing and back, and several sets at once", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=2");
    await ends(scenario, 0, "create", "api", "--image=nginx", "--replicas=1");
    const down = await ends(scenario, 0, "scale", "web", "api", "--replicas=0");
    expect(down.stdout).toBe("statefulset.apps/web scaled\nstatefulset.apps/api scaled\n");
    expect((await podsOf(scenario)).size).toBe(0);
    await ends(scenario, 0, "scale", "--all", "--replicas=1");
    expect(names((await podsOf(scenario)).keys())).toEqual(["api-0", "web-0"]);
  });

  it("prints what it would do on a dry run, and changes nothing", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    const before = await scenario.read(kinds.statefulSet, "web");
    for (const [how, suffix] of [
      ["client", "dry run"],
      ["server", "server dry run"],
    ] as const) {
      const dry = `--dry-run=${how}`;
      expect((await ends(scenario, 0, "scale", "web", "--replicas=4", dry)).stdout).toBe(
        `statefulset.apps/web scaled (${suffix})\n`,
      );
      expect((await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", "--stage=1", dry)).stdout).toBe(
        `statefulset.apps/web image updated (${suffix})\n`,
      );
    }
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(
      before?.metadata.generation,
    );
  });
});
