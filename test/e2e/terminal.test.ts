import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it } from "./support/cluster.js";
import { inTerminal, type Terminal } from "./support/pty.js";
import { createSlow } from "./support/slow.js";
import { ends } from "./support/walk.js";

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** The rows of the table: pod, state and readiness of each. */
function rows(screen: string[]): string[] {
  const from = screen.findIndex((line) => line.startsWith("  POD "));
  if (from < 0) return [];
  const to = screen.findIndex((line, index) => index > from && line === "");
  return screen.slice(from + 1, to);
}

/** What is on the screen, without its empty end; lines that the window has wrapped are in one piece. */
const text = (screen: string[], columns = 80): string =>
  screen
    .map((line) => (line.length === columns ? line : `${line}\n`))
    .join("")
    .trimEnd();

/** No line of the table is wider than the window allows, no row is there twice, and there is one line of titles. */
function expectNeat(screen: string[], columns: number): void {
  const table = screen.slice(screen.findIndex((line) => line.startsWith("  POD ")));
  expect(table.filter((line) => line.length >= columns)).toEqual([]);
  const pods = rows(screen).map((line) => line.trim().split(/\s+/)[0]);
  expect(pods).toEqual([...new Set(pods)]);
  expect(screen.filter((line) => line.startsWith("  POD "))).toHaveLength(1);
}

describe.each([
  [80, 24],
  [200, 50],
])("the live table at %i × %i", (columns, height) => {
  it("shows a scale 3 → 6 row by row, and gives way to the summary", async ({ scenario }) => {
    await createSlow(scenario);
    const use = async (terminal: Terminal) => {
      await terminal.until("web-4 to pull its image", (screen) =>
        rows(screen).some((row) => /^ {2}web-4 +\S starting: image/.test(row)),
      );
      const screen = terminal.screen();
      expectNeat(screen, columns);
      expect(text(screen, columns).split("\n")[0]).toMatch(
        /web: 3 → 6 replicas, one after the other \(OrderedReady\)$/,
      );
      expect(rows(screen)).toEqual([
        ...[0, 1, 2, 3].map((ordinal) =>
          expect.stringMatching(new RegExp(`^ {2}web-${ordinal} {2}Running +1/1 +\\w+ +\\d`)),
        ),
        expect.stringMatching(/^ {2}web-4 {2}\S starting: image +0\/1 /),
        expect.stringMatching(/^ {2}web-5 {2}waits for web-4$/),
      ]);
      expect(screen).toContainEqual(
        expect.stringMatching(/^ {2}4 of 6 ready · \d+ s · Ctrl-C leaves the cluster as it is$/),
      );
      expect(await terminal.ended).toBe(0);
      expect(text(terminal.screen(), columns).split("\n")).toEqual([
        expect.stringMatching(/web: 3 → 6 replicas, one after the other \(OrderedReady\)$/),
        ...[3, 4, 5].map((ordinal) =>
          expect.stringMatching(
            new RegExp(`^ {2}web-${ordinal} {2}ready in \\d+\\.\\d s {3}.*image \\d+\\.\\d`),
          ),
        ),
        expect.stringMatching(/web: done in \d+\.\d s$/),
        "statefulset.apps/web scaled",
      ]);
      expectCursorBack(terminal);
    };
    await inTerminal(scenario, ["scale", "web", "--replicas=6"], use, { columns, rows: height });
  });

  it("shows a scale 6 → 2 from the highest ordinal down", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=6");
    const ref = { namespace: scenario.namespace, name: "web-4" };
    const hold = (finalizers: string[]) =>
      scenario.cluster.patch(kinds.pod, ref, { type: "merge", body: { metadata: { finalizers } } });
    await hold(["tests.local/hold"]);
    const use = async (terminal: Terminal) => {
      await terminal.until("web-4 to terminate", (screen) =>
        rows(screen).some((row) => /^ {2}web-4 +\S Terminating/.test(row)),
      );
      await terminal.until("web-5 to be gone", (screen) =>
        rows(screen).some((row) => /^ {2}web-5 +gone/.test(row)),
      );
      expectNeat(terminal.screen(), columns);
      const pods = rows(terminal.screen()).map((row) => row.trim().split(/\s+/)[0]);
      expect(pods).toEqual([5, 4, 3, 2, 1, 0].map((ordinal) => `web-${ordinal}`));
      await hold([]);
      expect(await terminal.ended).toBe(0);
      expect(text(terminal.screen(), columns).split("\n")).toEqual([
        expect.stringMatching(/web: 6 → 2 replicas, one after the other \(OrderedReady\)$/),
        ...[5, 4, 3, 2].map((ordinal) =>
          expect.stringMatching(new RegExp(`^ {2}web-${ordinal} {2}gone in \\d+\\.\\d s`)),
        ),
        expect.stringMatching(/web: done in \d+\.\d s$/),
        "statefulset.apps/web scaled",
      ]);
      expectCursorBack(terminal);
    };
    await inTerminal(scenario, ["scale", "web", "--replicas=2"], use, { columns, rows: height });
  });
});

function expectCursorBack({ raw }: Terminal): void {
  expect(raw.split(hideCursor)).toHaveLength(2);
  expect(raw.lastIndexOf(showCursor)).toBeGreaterThan(raw.lastIndexOf(hideCursor));
}

describe("the live table", () => {
  it("stays right through resizes", async ({ scenario }) => {
    await createSlow(scenario);
    await inTerminal(scenario, ["scale", "web", "--replicas=6"], async (terminal) => {
      for (const [columns, height, pod] of [
        [120, 30, "web-3"],
        [44, 24, "web-4"],
        [100, 24, "web-5"],
      ] as const) {
        await terminal.until(`${pod} to move`, (screen) =>
          rows(screen).some((row) => new RegExp(`^ {2}${pod} +\\S (starting|Pending)`).test(row)),
        );
        terminal.resize(columns, height);
        await terminal.until(`a table of ${columns} columns`, (screen) => {
          const [title = ""] = screen.filter((line) => line.startsWith("  POD "));
          return rows(screen).length === 6 && title.endsWith("CLAIMS") === columns > 50;
        });
        expectNeat(terminal.screen(), columns);
      }
      expect(await terminal.ended).toBe(0);
      const left = text(terminal.screen(), 100).split("\n");
      expect(left.filter((line) => line.startsWith("  web-"))).toHaveLength(3);
      expect(left.filter((line) => /POD|waits for|of 6 ready/.test(line))).toEqual([]);
      expect(left.at(-1)).toBe("statefulset.apps/web scaled");
    });
  });

  it("gives the cursor back on Ctrl-C, and says how to go on", async ({ scenario }) => {
    await createSlow(scenario);
    await inTerminal(scenario, ["scale", "web", "--replicas=6"], async (terminal) => {
      await terminal.until("web-3 to start", (screen) =>
        rows(screen).some((row) => /web-3 +\S st/.test(row)),
      );
      terminal.type("\u0003");
      expect(await terminal.ended).toBe(130);
      expectCursorBack(terminal);
      const left = text(terminal.screen());
      expect(left).toMatch(/web: left as it is: 3 of 6 ready, waiting for web-3: \w+/);
      expect(left).toMatch(/^ {2}watch again {2}sts rollout status web$/m);
      expect(left).not.toContain("POD");
    });
    expect((await scenario.read(kinds.statefulSet, "web"))?.spec.replicas).toBe(6);
  });

  it("has no colour under NO_COLOR, and colours the states without", async ({ scenario }) => {
    await createSlow(scenario);
    const coloured = /\u001b\[[0-9;]*m/;
    const scale = (replicas: number, env: Record<string, string>) =>
      inTerminal(
        scenario,
        ["scale", "web", `--replicas=${replicas}`],
        async (terminal) => {
          expect(await terminal.ended).toBe(0);
          return terminal.raw;
        },
        { env },
      );
    expect(await scale(4, {})).toMatch(coloured);
    const plain = await scale(5, { NO_COLOR: "1" });
    expect(plain).not.toMatch(coloured);
    expect(plain).toContain(hideCursor);
  });

  it("is plain lines under TERM=dumb and with --progress=plain", async ({ scenario }) => {
    await createSlow(scenario);
    const scale = (args: string[], env: Record<string, string>) =>
      inTerminal(
        scenario,
        ["scale", "web", ...args],
        async (terminal) => {
          expect(await terminal.ended).toBe(0);
          return terminal.raw;
        },
        { env },
      );
    const dumb = await scale(["--replicas=4"], { TERM: "dumb" });
    expect(dumb).not.toContain("\u001b");
    expect(dumb).toMatch(/web web-3: created\r\n/);
    const asked = await scale(["--replicas=2", "--progress=plain"], {});
    expect(asked).not.toContain("\u001b[?25l");
    expect(asked).toMatch(/web web-3: gone/);
  });

  it("shows what cannot succeed, and what to do", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx:1", "--replicas=2");
    const args = ["set", "image", "web", "nginx=nginx:crash-loop", "--stage=1"];
    await inTerminal(scenario, args, async (terminal) => {
      expect(await terminal.ended).toBe(4);
      const left = text(terminal.screen());
      expect(left).toMatch(/✗ \S+\/web: web-1 crashes on start \(exit code 1, \d restarts\)/);
      expect(left).toMatch(/^ {4}log {4}.*FATAL/m);
      expect(left).toMatch(/^ {2}see more +kubectl logs web-1 --previous$/m);
      expectCursorBack(terminal);
    });
  });
});
