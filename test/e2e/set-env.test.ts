import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Pod } from "../../src/core/model.js";
import type { Result } from "./support/process.js";
import { it, type Scenario } from "./support/cluster.js";
import { setManifest } from "./support/sets.js";
import { ends, podsOf } from "./support/walk.js";

type Container = Pod["spec"]["containers"][number];

const patches = ({ stderr }: Result) => stderr.match(/^PATCH https:\S+ \d+ /gm) ?? [];

async function mainContainer(scenario: Scenario): Promise<Container | undefined> {
  const set = await scenario.read(kinds.statefulSet, "web");
  return set?.spec.template.spec?.containers[0];
}

/** Which pods run with a variable or an amount, as `no no yes`. */
async function podsWith(scenario: Scenario, has: (container: Container) => boolean): Promise<string> {
  const pods = [...(await podsOf(scenario)).values()];
  return pods
    .toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name))
    .map(({ spec }) => (spec.containers.some(has) ? "yes" : "no"))
    .join(" ");
}

const generation = async (scenario: Scenario) =>
  (await scenario.read(kinds.statefulSet, "web"))?.metadata.generation;

describe("set env", () => {
  it("stages variables with the partition in one patch, keeps their order, and says when nothing changes", async ({
    scenario,
  }) => {
    await ends(
      scenario,
      0,
      "create",
      "web",
      "--image=nginx:1",
      "--replicas=3",
      "--env=A=1",
      "--env=B=2",
      "--env=C=3",
    );
    const staged = await ends(
      scenario,
      0,
      "set",
      "env",
      "web",
      "NEW=$(C)",
      "B-",
      "A=x=y",
      "--stage=1",
      "-v=6",
    );
    expect(patches(staged)).toHaveLength(1);
    expect(staged.stdout).toBe("statefulset.apps/web env updated\n");
    expect(staged.stderr).toContain("nginx → NEW, A set; B removed: web-2 first; web-0 and web-1 held");
    expect(await podsWith(scenario, ({ env }) => env?.some(({ name }) => name === "NEW") ?? false)).toBe(
      "no no yes",
    );
    expect((await mainContainer(scenario))?.env).toEqual([
      { name: "A", value: "x=y" },
      { name: "C", value: "3" },
      { name: "NEW", value: "$(C)" },
    ]);

    const listed = await ends(scenario, 0, "set", "env", "web", "--list");
    expect(listed.stdout).toBe("# StatefulSet web, container nginx\nA=x=y\nC=3\nNEW=$(C)\n");
    const same = await ends(scenario, 0, "set", "env", "sts/web", "A=x=y", "GONE-", "-v=6");
    expect(patches(same)).toEqual([]);
    expect(same.stdout).toBe("statefulset.apps/web env unchanged\n");
    expect(same.stderr).toContain("the variables are these already; nothing to change");
  });

  it("refers to the keys of a Secret without showing what they hold, and puts values in their place", async ({
    scenario,
  }) => {
    const data = { "db.password": "aHVudGVyMg==", user: "aHVudGVyMQ==" };
    await scenario.create(
      { apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, data },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { level: "debug" } },
    );
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--env=DB_USER=nobody");
    const imported = await ends(scenario, 0, "set", "env", "web", "--from=secret/db", "--prefix=DB_");
    expect(imported.stderr).toContain("db.password becomes DB_DB_PASSWORD, user becomes DB_USER");
    const ref = (key: string) => ({ valueFrom: { secretKeyRef: { name: "db", key } } });
    const password = { name: "DB_DB_PASSWORD", ...ref("db.password") };
    expect((await mainContainer(scenario))?.env).toEqual([{ name: "DB_USER", ...ref("user") }, password]);

    const words = ["DB_USER=me", "--from=configmap/settings", "--keys=level", "--prefix=DB_"];
    const replaced = await ends(scenario, 0, "set", "env", "web", ...words);
    const listed = await ends(scenario, 0, "set", "env", "web", "--list");
    expect(listed.stdout).toBe(
      "# StatefulSet web, container nginx\nDB_USER=me\n# DB_DB_PASSWORD from secret db, key db.password\n" +
        "# DB_LEVEL from configmap settings, key level\n",
    );
    // From one source to another: the API refuses both at once.
    await scenario.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "db" },
      data: { user: "x" },
    });
    await ends(scenario, 0, "set", "env", "web", "--from=secret/db", "--keys=user", "--prefix=DB_");
    await ends(scenario, 0, "set", "env", "web", "--from=configmap/db", "--prefix=DB_");
    expect((await mainContainer(scenario))?.env?.[0]).toEqual({
      name: "DB_USER",
      valueFrom: { configMapKeyRef: { name: "db", key: "user" } },
    });
    for (const { stdout, stderr } of [imported, replaced, listed]) {
      expect(stdout + stderr).not.toMatch(/hunter|aHVudGVy/);
    }
  });

  it("changes the containers that are meant, and makes one of a name that is there twice", async ({
    scenario,
  }) => {
    const manifest = setManifest("web");
    const { spec } = (manifest["spec"] as { template: { spec: object } }).template;
    const env = ["1", "2"].map((value) => ({ name: "A", value }));
    const containers = ["main", "log"].map((name) => ({ name, image: "nginx:1", env }));
    Object.assign(spec, { containers, initContainers: [{ name: "init", image: "busybox" }] });
    await scenario.create(manifest);
    const envOf = async () => {
      const pod = (await scenario.read(kinds.statefulSet, "web"))?.spec.template.spec;
      return [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].map((container) => container.env);
    };
    const set = (...words: string[]) => ends(scenario, 0, "set", "env", "web", ...words, "--wait=false");
    await set("A=3", "--containers=m*");
    expect(await envOf()).toEqual([undefined, [{ name: "A", value: "3" }], env]);
    await set("B=4");
    const b = { name: "B", value: "4" };
    // As the API takes them, the last of a name counts.
    expect(await envOf()).toEqual([
      undefined,
      [{ name: "A", value: "3" }, b],
      [{ name: "A", value: "2" }, b],
    ]);
    await set("C=5", "-c=init");
    expect((await envOf())[0]).toEqual([{ name: "C", value: "5" }]);
  });

  it("ends with 2 where it is used wrongly, and sends nothing", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--wait=false");
    await scenario.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { b: "1" } });
    const before = await generation(scenario);
    for (const words of [
      [],
      ["web"],
      ["A=1"],
      ["web", "A"],
      ["web", "é=1"],
      ["web", "A=1", "A-"],
      ["web", "--keys=a"],
      ["web", "--from=pod/x"],
      ["web", "A=1", "--containers="],
    ]) {
      const { stderr, stdout } = await ends(scenario, 2, "set", "env", ...words, "-v=6");
      expect(stderr).toMatch(/^error: .*\nSee 'sts set env --help'\.\n$/);
      expect(stdout).toBe("");
    }
    const unknown = await ends(scenario, 2, "set", "env", "web", "-c", "ngin", "A=1");
    expect(unknown.stderr).toContain('unable to find container named "ngin" in web; it has nginx');
    const key = await ends(scenario, 2, "set", "env", "web", "--from=configmap/a", "--keys=c");
    expect(key.stderr).toContain("configmap/a has no key c; it has b");
    expect(await generation(scenario)).toBe(before);
    const missing = await ends(scenario, 1, "set", "env", "web", "--from=secret/nope");
    expect(missing.stderr).toContain('secrets "nope" not found');
  });
});

describe("set resources", () => {
  it("stages amounts in one patch, removes them by 0, and knows equal ones however they are written", async ({
    scenario,
  }) => {
    await ends(
      scenario,
      0,
      "create",
      "web",
      "--image=nginx:1",
      "--replicas=2",
      "--limits=cpu=1",
      "--requests=cpu=500m",
    );
    const words = ["set", "resources", "web"];
    const staged = await ends(scenario, 0, ...words, "--requests=cpu=250m,memory=64Mi", "--stage=1", "-v=6");
    expect(patches(staged)).toHaveLength(1);
    expect(staged.stdout).toBe("statefulset.apps/web resource requirements updated\n");
    expect(await podsWith(scenario, ({ resources }) => resources?.requests?.["memory"] === "64Mi")).toBe(
      "no yes",
    );
    const same = await ends(
      scenario,
      0,
      ...words,
      "--requests=cpu=0.25,memory=65536Ki",
      "--limits=cpu=1000m",
      "-v=6",
    );
    expect(patches(same)).toEqual([]);
    expect(same.stdout).toBe("statefulset.apps/web resource requirements unchanged\n");

    const removed = await ends(scenario, 0, ...words, "--requests=cpu=0", "--limits=memory=128Mi");
    expect(removed.stderr).toContain("without a request, nginx requests its limit of cpu, 1");
    expect((await mainContainer(scenario))?.resources).toEqual({
      requests: { memory: "64Mi" },
      limits: { cpu: "1", memory: "128Mi" },
    });
  });

  it("ends with 2 for what is no amount and 1 for what the server refuses; the set stays as it is", async ({
    scenario,
  }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--limits=cpu=1", "--wait=false");
    const before = await generation(scenario);
    for (const words of [
      [],
      ["--limits=cpu"],
      ["--limits=cpu=1x"],
      ["--requests=cpu=2", "--limits=cpu=1"],
      ["db", "--limits=cpu=1"],
    ]) {
      const { stderr } = await ends(scenario, 2, "set", "resources", "web", ...words, "-v=6");
      expect(stderr).toMatch(/^error: .*\nSee 'sts set resources --help'\.\n$/);
    }
    const above = await ends(scenario, 1, "set", "resources", "web", "--requests=cpu=2");
    expect(above.stderr).toContain("must be less than or equal to cpu limit");
    expect(await generation(scenario)).toBe(before);
  });
});
