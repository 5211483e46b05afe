import { describe, expect } from "vitest";
import { it, type Scenario } from "./support/cluster.js";
import { inTerminal } from "./support/pty.js";
import { createSlow } from "./support/slow.js";
import { ends, imageOf, podsOf } from "./support/walk.js";

const create = (scenario: Scenario): Promise<void> => createSlow(scenario, "8s", "nginx:1");

const setImage = (tag: string, ...flags: string[]): string[] => [
  ...["set", "image", "web", `nginx=nginx:${tag}`],
  ...flags,
];

describe("a soak", () => {
  it("fails the step of a pod that crashes once, and touches no other", async ({ scenario }) => {
    await create(scenario);
    const steps = ["--steps=1,100%", "--soak=30s", "--stall-timeout=5s"];
    const { stderr, stdout } = await ends(scenario, 4, ...setImage("crash-once", ...steps));
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^\S+\/web: soaking for 30 s$/m);
    expect(stderr).toMatch(/^✗ \S+\/web: web-2 (restarted|ended) \d+(\.\d)? s into the soak \(exit code 1/m);
    expect(stderr).toMatch(/^ {2}see more +kubectl logs web-2 --previous$/m);
    const pods = await podsOf(scenario);
    expect([0, 1, 2].map((ordinal) => imageOf(pods.get(`web-${ordinal}`)))).toEqual([
      ...["nginx:1", "nginx:1", "nginx:crash-once"],
    ]);
  });

  it("is shown as it goes, and Ctrl-C leaves it", async ({ scenario }) => {
    await create(scenario);
    await inTerminal(scenario, setImage("2", "--steps=1,100%", "--soak=40s"), async (terminal) => {
      await terminal.until("the soak", (screen) =>
        screen.some((line) => /^ {2}3 of 3 ready · soaking [1-9]\d* of 40 s · \d+ s/.test(line)),
      );
      terminal.type("\u0003");
      expect(await terminal.ended).toBe(130);
    });
  });
});

describe.each([
  [80, 24],
  [200, 50],
])("the timeline of a rollout at %i × %i", (columns, rows) => {
  it("has a bar for each ordinal", async ({ scenario }) => {
    await create(scenario);
    await inTerminal(
      scenario,
      setImage("2"),
      async (terminal) => {
        expect(await terminal.ended).toBe(0);
        const screen = terminal.screen();
        const axis = screen.findIndex((line) => /^ {9}0 s( |$)/.test(line));
        const lines = screen.slice(axis + 1, axis + 4);
        expect(lines).toEqual(
          ["web-2", "web-1", "web-0"].map((pod) =>
            expect.stringMatching(
              new RegExp(String.raw`^ {2}${pod} {2} *[▓░▒█·]+┃ +[0-9a-f]+ → [0-9a-f]+ {2}\d+\.\d s`),
            ),
          ),
        );
        expect(screen.filter((line) => line.length >= columns)).toEqual([]);
        // What it explains beside depends on what took long enough to be drawn.
        expect(screen.slice(axis + 4).join("\n")).toMatch(/^ {2}.*▒ image {2}[^]*┃ ready$/m);
      },
      { columns, rows },
    );
  });
});

describe("the timeline of a rollout", () => {
  it("is a list in a narrow window, and letters on a dumb terminal", async ({ scenario }) => {
    await create(scenario);
    const end = (tag: string, options: { columns?: number; env?: Record<string, string> }) =>
      inTerminal(
        scenario,
        setImage(tag),
        async (terminal) => {
          expect(await terminal.ended).toBe(0);
          return terminal.screen().join("\n");
        },
        options,
      );
    const narrow = await end("2", { columns: 50 });
    expect(narrow).toMatch(/^ {2}web-2 {2}ready in \d+\.\d s/m);
    expect(narrow).not.toContain("┃");
    const dumb = await end("3", { env: { TERM: "dumb" } });
    expect(dumb).toMatch(/^ {2}web-2 {2}[ ts.i#]+\| +[0-9a-f]+ -> [0-9a-f]+ {2}\d+\.\d s/m);
    const grey = await end("4", { env: { NO_COLOR: "1" } });
    expect(grey).toMatch(/^ {2}web-2 {2}[ ▓░▒█·]+┃ /m);
  });

  it("ends in what is wrong", async ({ scenario }) => {
    await create(scenario);
    const { stderr } = await ends(scenario, 4, ...setImage("crash-loop"));
    expect(stderr).toMatch(/^ {2}web-2 {2}[ ▓░▒█·↻▚]+✗ +[0-9a-f]+ → [0-9a-f]+ {2}CrashLoopBackOff/m);
  });
});
