import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { ends, lines } from "./support/walk.js";

/** As somebody does who keeps a log: the cause and the image in one write, as `kubectl apply` sends them. */
async function changeImage(scenario: Scenario, image: string, cause: string): Promise<void> {
  const ref = { namespace: scenario.namespace, name: "web" };
  const body = {
    metadata: { annotations: { "kubernetes.io/change-cause": cause } },
    spec: { template: { spec: { containers: [{ name: "nginx", image }] } } },
  };
  await scenario.cluster.patch(kinds.statefulSet, ref, { type: "strategic", body });
  await ends(scenario, 0, "rollout", "status", "web");
}

/** The table without its heading, its columns joined by `|` and ages left out. */
async function table(scenario: Scenario): Promise<string[]> {
  const [subject, header, ...rows] = await lines(scenario, "rollout", "history", "web");
  expect(subject).toBe("statefulset.apps/web");
  expect(header).toMatch(/^REVISION +CHANGE-CAUSE +AGE +IMAGES +PODS$/);
  return rows.map((row) => row.replace(/ {3,}\d+[smh0-9]* {3,}/, "|").replace(/ {3,}/g, "|"));
}

describe("rollout history", () => {
  it("tells causes, images and who runs what through a canary and an undo", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=3", "--port=web:80");
    await changeImage(scenario, "nginx:2", "the second one");
    expect(await table(scenario)).toEqual([
      "1|<none>|nginx:1|<none>",
      "2|the second one|nginx:2|web-0 to web-2 (current)",
    ]);

    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:3", "--stage=1");
    expect(await table(scenario)).toEqual([
      "1|<none>|nginx:1|<none>",
      "2|the second one|nginx:2|web-0 and web-1 (current)",
      "3|the second one|nginx:3|web-2 (update)",
    ]);

    await ends(scenario, 0, "rollout", "promote", "web");
    await ends(scenario, 0, "rollout", "undo", "web", "--to-revision=1");
    const rows = await table(scenario);
    expect(rows.map((row) => row.split("|")[0])).toEqual(["2", "3", "4"]);
    expect(rows[2]).toMatch(/^4\|.*\|nginx:1\|web-0 to web-2 \(current\)$/);
    const gone = await ends(scenario, 1, "rollout", "history", "web", "--revision=1");
    expect(gone).toMatchObject({
      stdout: "",
      stderr: "error: unable to find revision 1 of web; it has 2, 3 and 4\n",
    });
  });

  it("shows a template and how two differ", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=1", "--port=web:80");
    await changeImage(scenario, "nginx:2", "why: so");
    const page = await ends(scenario, 0, "rollout", "history", "web", "--revision=2");
    expect(page.stdout).toMatch(
      /^# statefulset\.apps\/web with revision #2 \(web-\w+\): why: so\nmetadata:\n/,
    );
    expect(page.stdout).toMatch(/^ {2}(- | {2})image: nginx:2$/m);
    expect(page.stdout).not.toMatch(/null|\$patch/);

    const diff = await ends(scenario, 0, "rollout", "history", "web", "--diff", "1..2");
    expect(diff.stderr).toBe("");
    expect(diff.stdout).toMatch(/^--- web revision 1\n\+\+\+ web revision 2\n@@ -\d+,\d+ \+\d+,\d+ @@\n/);
    const changed = diff.stdout.match(/^[-+](?![-+]{2}).*$/gm)?.map((line) => line.replace(/ +(- )?/, " "));
    expect(changed).toEqual(["- image: nginx:1", "+ image: nginx:2"]);
    expect((await ends(scenario, 0, "rollout", "history", "web", "--diff=..2")).stdout).toBe(diff.stdout);
    const coloured = await ends(scenario, 0, "rollout", "history", "web", "--diff=1", "--color=always");
    expect(coloured.stdout).toContain("\u001b[31m-");

    const { stdout } = await ends(scenario, 0, "rollout", "history", "web", "--revision=2", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      namespace: scenario.namespace,
      name: "web",
      revisions: [{ revision: 2, changeCause: "why: so", images: ["nginx:2"], ordinals: [0], current: true }],
    });
  });

  it("shows what pods run and the history has lost", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2", "--strategy=OnDelete");
    const [first] = JSON.parse(
      (await ends(scenario, 0, "rollout", "history", "web", "-o", "json")).stdout,
    ).revisions;
    await ends(scenario, 0, "set", "image", "web", "nginx=nginx:2");
    await scenario.cluster.delete(kinds.revision, { namespace: scenario.namespace, name: first.name });
    await scenario.until("the revision to be gone", kinds.revision, (found) => !found.has(first.name));
    // The controller may number the next one anew; what the pods run has no number any more.
    const rows = await table(scenario);
    expect(rows[0]).toMatch(/^\?\|<none>\|<unknown>\|nginx:1\|web-0 and web-1/);
    expect(rows[1]).toMatch(/\|nginx:2\|<none> \(update\)$/);
  });
});
