import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { findProgram } from "../support/control-plane/assets.js";
import { it, type Scenario } from "./support/cluster.js";
import { program } from "./support/process.js";
import { runningSet, scaled, setManifest } from "./support/sets.js";
import { ends, lines } from "./support/walk.js";

const run = promisify(execFile);
const kubectl = findProgram("kubectl");

async function byKubectl(scenario: Scenario, args: readonly string[]): Promise<string> {
  const env = { ...scenario.env, PATH: process.env["PATH"] ?? "" };
  return (await run(kubectl ?? "", [...args], { env, timeout: 30_000 })).stdout;
}

/** Ages pass by while two programs are asked; and the key `.` of managedFields means the same in quotes. */
const ageless = (text: string) => text.replaceAll(/\b\d+s\b */g, "1s ").replaceAll('".": ', ".: ");

async function two(scenario: Scenario): Promise<void> {
  await runningSet(scenario, "web", { replicas: 2, labels: { tier: "front" } });
  await runningSet(scenario, "db", { replicas: 1, labels: { tier: "back" } });
}

describe("get", () => {
  it.skipIf(!kubectl)(
    `prints what kubectl prints${kubectl ? "" : " (skipped: kubectl not found in KUBEBUILDER_ASSETS or PATH)"}`,
    async ({ scenario }) => {
      await two(scenario);
      const formats: readonly (readonly string[])[] = [
        [],
        ["web"],
        ["web", "db"],
        ["--no-headers"],
        ["--show-labels"],
        ["-L", "tier"],
        ["-l", "tier=front"],
        ["-l", "tier in (front,back),tier!=back"],
        ["--field-selector=metadata.name=db"],
        ["--sort-by=.spec.replicas"],
        ["--sort-by={.metadata.name}"],
        ["-o", "name"],
        ["-o", "json"],
        ["-o", "yaml"],
        ["web", "-o", "json"],
        ["web", "-o", "yaml"],
        ["web", "-o", "yaml", "--show-managed-fields"],
        ["-o", "jsonpath={.items[*].metadata.name}"],
        ["-o", "jsonpath={range .items[*]}{.metadata.name}{'\\t'}{.spec.replicas}{'\\n'}{end}"],
        ["-o", "jsonpath={.items[?(@.spec.replicas>1)].metadata.name}"],
        ["web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"],
        ["web", "-o", "jsonpath={.metadata.labels}"],
        ["-o", "custom-columns=NAME:.metadata.name,REPLICAS:.spec.replicas,NONE:.spec.nothing"],
        ["-o", "custom-columns=IMAGE:.spec.template.spec.containers[*].image", "--no-headers"],
        ["wbe", "--ignore-not-found"],
      ];
      // The sandbox serves no Tables, which kubectl takes its columns from.
      const hasTables = scenario.target !== "sandbox";
      const ofPrograms = ["json", "yaml", "name", "jsonpath", "custom-columns"];
      const isTable = (format: readonly string[]) => {
        const { length } = ofPrograms.filter((name) => format.some((word) => word.startsWith(name)));
        return length === 0 && !format.includes("--ignore-not-found");
      };
      for (const format of formats) {
        if (!hasTables && isTable(format)) continue;
        const wanted = await byKubectl(scenario, ["get", "sts", ...format]);
        const { stdout } = await ends(scenario, 0, "get", ...format);
        expect(ageless(stdout), format.join(" ")).toBe(ageless(wanted));
      }
      if (!hasTables) return;
      const wide = ageless(await byKubectl(scenario, ["get", "sts", "-o", "wide"])).split("\n");
      const ours = (await lines(scenario, "get", "-o", "wide")).map((line) => ageless(line));
      for (const [row, line] of ours.entries()) {
        const cells = (wide[row] ?? "").trim().split(/\s+/);
        expect(line.split(/\s+/).slice(0, cells.length)).toEqual(cells);
      }
    },
  );

  it("prints each format", async ({ scenario }) => {
    await two(scenario);
    const [title, db, web] = await lines(scenario, "get");
    expect(title).toMatch(/^NAME\s+READY\s+AGE$/);
    expect(db).toMatch(/^db\s+1\/1\s+\d+s$/);
    expect(web).toMatch(/^web\s+2\/2\s+\d+s$/);
    expect(await lines(scenario, "get", "-A", "--no-headers", "-l", "tier=front")).toContainEqual(
      expect.stringMatching(new RegExp(`^${scenario.namespace}\\s+web\\s+2/2`)),
    );
    expect(await lines(scenario, "get", "-o", "name")).toEqual([
      "statefulset.apps/db",
      "statefulset.apps/web",
    ]);
    const { stdout } = await ends(scenario, 0, "get", "web", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({ kind: "StatefulSet", metadata: { name: "web" } });
    expect((await ends(scenario, 0, "get", "-o", "wide")).stdout).toMatch(
      /UPDATED\s+AVAILABLE\s+PARTITION\s+REVISION/,
    );
  });

  it("prints what it found, and what it did not: exit 1", async ({ scenario }) => {
    await scenario.create(setManifest("web"));
    const { stdout, stderr } = await ends(scenario, 1, "get", "web", "wbe", "-o", "name");
    expect(stdout).toBe("statefulset.apps/web\n");
    expect(stderr).toBe('Error from server (NotFound): statefulsets.apps "wbe" not found\n');
  });

  it("-w prints a row for each change, also of sets that come and go, until Ctrl-C", async ({ scenario }) => {
    await runningSet(scenario, "web", { replicas: 1 });
    const watching = scenario.start(["get", "-w"]);
    await watching.untilWritten(/^web\s+1\/1/m);
    await scaled(scenario, "web", 2);
    await watching.untilWritten(/^web\s+2\/2/m);
    await scenario.create(setManifest("db"));
    await watching.untilWritten(/^db\s+1\/1/m);
    await scenario.cluster.delete(kinds.statefulSet, { namespace: scenario.namespace, name: "db" });
    watching.kill("SIGINT");
    const { code, stdout, stderr } = await watching.ended;
    expect(code).toBe(130);
    expect(stderr).toBe("");
    const rows = stdout.trimEnd().split("\n");
    expect(rows[0]).toMatch(/^NAME\s+READY\s+AGE$/);
    expect(rows.filter((row) => row.startsWith("NAME"))).toHaveLength(1);
    const seen = rows.slice(1).map((row) => row.split(/\s+/).slice(0, 2).join(" "));
    const web = seen.filter((row) => row.startsWith("web"));
    expect(web).toEqual([...new Set(web)]);
    expect(web[0]).toBe("web 1/1");
    expect(web.at(-1)).toBe("web 2/2");
  });

  it("ends quietly when nobody reads on", async ({ scenario }) => {
    await two(scenario);
    const command = `${program.join(" ")} get -w -o name | head -n 1; echo "$PIPESTATUS"`;
    const env = { ...scenario.env, PATH: process.env["PATH"] ?? "" };
    const watching = run("bash", ["-c", command], { env, timeout: 20_000 });
    // It learns of the closed pipe when it next has something to say.
    const name = "web";
    const watch = { open: true };
    void watching.finally(() => (watch.open = false));
    for (let round = 0; watch.open; round += 1) await scaled(scenario, name, round % 2 === 0 ? 1 : 2);
    const { stdout, stderr } = await watching;
    expect(stdout).toBe("statefulset.apps/db\n0\n");
    expect(stderr).toBe("");
  });
});
