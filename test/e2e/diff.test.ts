import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends } from "./support/walk.js";

const service: Manifest = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { clusterIP: "None", selector: { app: "web" } },
};
const secret = (data: Record<string, string>): Manifest => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "web" },
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  ),
});
const text = (...objects: Manifest[]) => objects.map((object) => JSON.stringify(object)).join("\n---\n");
const changed = (from: string, to: string) =>
  JSON.parse(text(setManifest("web")).replace(from, to)) as Manifest;

async function diff(scenario: Scenario, code: number, objects: Manifest[], ...flags: string[]) {
  return ends(scenario, code, "diff", "-f", scenario.file("web.yaml", text(...objects)), ...flags);
}

/** The lines that a unified diff takes away and adds. */
const marked = (output: string): string[] =>
  output.split("\n").filter((line) => /^[-+](?!--|\+\+)/.test(line));

describe("diff", () => {
  it("shows what is new, then nothing, then what changes; defaults do not show", async ({ scenario }) => {
    const bundle = [setManifest("web"), service];
    const added = await diff(scenario, 1, bundle);
    expect(added.stdout).toContain(`--- LIVE/apps.v1.StatefulSet.${scenario.namespace}.web\n`);
    expect(added.stdout).toContain(`+++ MERGED/apps.v1.StatefulSet.${scenario.namespace}.web\n`);
    expect(marked(added.stdout).every((line) => line.startsWith("+"))).toBe(true);
    expect(added.stdout).not.toMatch(
      /managedFields|resourceVersion|generation|uid|creationTimestamp|^.status/m,
    );
    expect(await scenario.read(kinds.service, "web")).toBeUndefined();

    await ends(scenario, 0, "apply", "-f", scenario.file("web.yaml", text(...bundle)));
    const { metadata } = (await scenario.read(kinds.statefulSet, "web")) ?? {};
    const same = await diff(scenario, 0, bundle);
    expect(same).toMatchObject({ stdout: "", stderr: "" });

    const image = await diff(scenario, 1, [changed("nginx:1.29", "nginx:2"), service]);
    expect(marked(image.stdout)).toEqual(["-      - image: nginx:1.29", "+      - image: nginx:2"]);
    expect((await scenario.read(kinds.statefulSet, "web"))?.metadata.generation).toBe(metadata?.generation);
  });

  it("does not show what was written in another form, nor the partition of a staging", async ({
    scenario,
  }) => {
    await scenario.create(setManifest("web"), service);
    await ends(scenario, 0, "set", "image", "web", "main=nginx:2", "--stage=1", "--wait=false");
    const { stdout } = await diff(scenario, 0, [changed("nginx:1.29", "nginx:2"), service]);
    expect(stdout).toBe("");
  });

  it("tells conflicts apart, and shows them all the same", async ({ scenario }) => {
    const bundle = [setManifest("web", { replicas: 2 }), service];
    await ends(scenario, 0, "apply", "--wait=false", "-f", scenario.file("web.yaml", text(...bundle)));
    const ref = { namespace: scenario.namespace, name: "web" };
    const body = { spec: { replicas: 1 } };
    await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body }, { fieldManager: "other" });
    const { stdout, stderr } = await diff(scenario, 1, bundle);
    expect(marked(stdout)).toEqual(["-  replicas: 1", "+  replicas: 2"]);
    expect(stderr).toContain('statefulset.apps/web: .spec.replicas is owned by "other" using apps/v1');
  });

  it("masks the values of Secrets", async ({ scenario }) => {
    await scenario.create(secret({ same: "geheim-1", other: "geheim-2" }));
    const { stdout } = await diff(scenario, 1, [
      secret({ same: "geheim-1", other: "geheim-3", more: "geheim-4" }),
    ]);
    expect(marked(stdout).toSorted()).toEqual([
      '+  more: "***"',
      '+  other: "*** (after)"',
      '-  other: "*** (before)"',
    ]);
    for (const value of ["geheim-1", "geheim-2", "geheim-3", "geheim-4"]) {
      expect(stdout).not.toContain(Buffer.from(value).toString("base64"));
    }
  });

  it("is 2 for every error", async ({ scenario }) => {
    const invalid = { ...setManifest("web"), metadata: { name: "web", labels: { "not a label": "x" } } };
    expect((await diff(scenario, 2, [invalid, service])).stderr).toContain(
      'The StatefulSet "web" is invalid',
    );
    expect((await ends(scenario, 2, "diff")).stderr).toContain("-f FILE is needed");
    expect((await ends(scenario, 2, "diff", "-f", "nope.yaml")).stderr).toContain("does not exist");
    const broken = scenario.file("broken.yaml", "a: [");
    expect((await ends(scenario, 2, "diff", "-f", broken)).stderr).toContain("broken.yaml:1:");
    await scenario.create(setManifest("web"), service);
    const renamed = await diff(
      scenario,
      2,
      [changed('"serviceName":"web"', '"serviceName":"x"')],
      "--no-service",
    );
    expect(renamed.stderr).toContain("spec.serviceName of a StatefulSet cannot be changed (web → x)");
  });
});
