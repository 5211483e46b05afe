import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect } from "vitest";
import type { Report } from "../../src/core/report/report.js";
import { it, type Scenario } from "./support/cluster.js";
import { createSlow } from "./support/slow.js";
import { ends, imageOf, podsOf } from "./support/walk.js";

const schema = new URL("../../docs/report.schema.json", import.meta.url);
const ajv = new Ajv2020({ strict: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const isValid = ajv.compile(JSON.parse(readFileSync(schema, "utf8")) as object);

const create = (scenario: Scenario): Promise<void> => createSlow(scenario, "8s", "nginx:1");

function written(scenario: Scenario, file: string): string {
  return readFileSync(path.join(scenario.directory, file), "utf8");
}

function reportOf(scenario: Scenario, file: string): Report {
  const report: unknown = JSON.parse(written(scenario, file));
  expect(isValid(report), ajv.errorsText(isValid.errors)).toBe(true);
  return report as Report;
}

const seconds = String.raw`\d+\.\d s`;
const hash = String.raw`[0-9a-f]+`;

describe("--report", () => {
  it("of a good rollout, for a pull request and on the page of the run", async ({ scenario }) => {
    await create(scenario);
    const env = { GITHUB_STEP_SUMMARY: scenario.file("summary.md", "# Deploy\n") };
    const args = ["set", "image", "web", "nginx=nginx:2", "--report=out/rollout.md"];
    const { code, stderr } = await scenario.sts(args, { env });
    expect(code, stderr).toBe(0);
    const text = written(scenario, "out/rollout.md");
    expect(text).toMatch(new RegExp(String.raw`^## \S+/web: ✓ done in ${seconds}\n\nnginx → nginx:2\n\n\|`));
    for (const pod of ["web-2", "web-1", "web-0"]) {
      expect(text).toMatch(new RegExp(String.raw`^\| ${pod} \| ${hash} → ${hash} \| ${seconds} \|`, "m"));
      expect(text).toMatch(new RegExp(String.raw`^ {2}${pod} .*┃ +${hash} → ${hash} {2}${seconds}$`, "m"));
    }
    expect(text).toContain("3 of 3 ready\n");
    expect(written(scenario, "summary.md")).toBe(`# Deploy\n${text}`);
    // A log shows the same timeline.
    expect(stderr).toMatch(new RegExp(String.raw`^ {2}web-2 .*┃ +${hash} → ${hash} {2}${seconds}`, "m"));
  });

  it("of one that failed says why, and what to do", async ({ scenario }) => {
    await create(scenario);
    const change = ["set", "image", "web", "nginx=nginx:crash-loop"];
    await ends(scenario, 4, ...change, "--report=r.json");
    const [rollout] = reportOf(scenario, "r.json").rollouts;
    expect(rollout).toMatchObject({
      ...{ set: "web", namespace: scenario.namespace, state: "Failed", exitCode: 4 },
      parts: [{ title: "nginx → nginx:crash-loop", ordinals: [{ pod: "web-2", outcome: "open" }] }],
    });
    expect(rollout?.parts[0]?.log.join("\n")).toContain("FATAL");

    // Whoever only watches has the report too.
    await ends(scenario, 4, "rollout", "status", "web", "--report=r.md");
    const text = written(scenario, "r.md");
    expect(text).toMatch(/^## \S+\/web: ✗ failed after /);
    expect(text).toMatch(/^\*\*web-2 crashes on start \(exit code 1, \d+ restarts\)/m);
    expect(text).toMatch(/^```text\n[^]*FATAL[^]*^```$/m);
    expect(text).toMatch(/^- see more: `kubectl logs web-2 --previous`$/m);
  });

  it("has the steps of a rollout in order", async ({ scenario }) => {
    await create(scenario);
    const steps = ["--steps=1,100%", "--soak=200ms", "--report=r.json"];
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2", ...steps);
    const [rollout] = reportOf(scenario, "r.json").rollouts;
    expect(rollout?.state).toBe("Done");
    expect(rollout?.parts.map(({ ordinals }) => ordinals.map(({ pod }) => pod)).slice(0, 2)).toEqual([
      ["web-2"],
      ["web-1", "web-0"],
    ]);
    expect(rollout?.parts[0]?.message).toContain("soaked 0.2 s");
  });

  it("that cannot be written is exit code 1, after the verdict", async ({ scenario }) => {
    await create(scenario);
    scenario.file("taken", "");
    const args = ["set", "image", "web", "nginx=nginx:2", "--report=taken/r.md"];
    const { stderr, stdout } = await ends(scenario, 1, ...args);
    expect(stdout).toBe("statefulset.apps/web image updated\n");
    expect(stderr).toMatch(/^\S+\/web: done in .*\nerror: cannot write the report to taken\/r\.md: .+\n$/m);

    const page = { GITHUB_STEP_SUMMARY: path.join(scenario.directory, "taken/summary.md") };
    const warned = await scenario.sts(["rollout", "status", "web"], { env: page });
    expect(warned.code).toBe(0);
    expect(warned.stderr).toContain("warning: cannot add to GITHUB_STEP_SUMMARY: ");
  });

  it("under another name is refused before anything is sent", async ({ scenario }) => {
    await create(scenario);
    const { stderr } = await ends(scenario, 2, "set", "image", "web", "nginx=nginx:2", "--report=r.txt");
    expect(stderr).toContain("--report=r.txt: the name has to end in .md (Markdown) or .json");
    expect(imageOf((await podsOf(scenario)).get("web-2"))).toBe("nginx:1");
  });
});
