import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EndEvent, OrdinalSummary } from "../../src/core/progress/events.js";
import { createReport } from "../../src/core/report/report.js";
import { markdownBlock, markdownCode, markdownText } from "../../src/view/markdown.js";
import { formatReportJson, formatReportMarkdown } from "../../src/view/report.js";

function moved(ordinal: number, change: Partial<OrdinalSummary> = {}): OrdinalSummary {
  return {
    ...{ ordinal, pod: `web-${ordinal}`, outcome: "ready", seconds: 10, from: 0, restarts: [] },
    phases: { terminating: 4, images: 6 },
    stretches: [
      { phase: "terminating", from: 0, to: 4 },
      { phase: "images", from: 4, to: 10 },
    ],
    ...{ revisionBefore: "web-6d9f8", revisionAfter: "web-84c7b" },
    ...change,
  };
}

function end(second: number, change: Partial<EndEvent> = {}): EndEvent {
  const time = new Date(Date.parse("2026-11-21T10:00:00Z") + second * 1_000).toISOString();
  return {
    ...{ v: 1, time, type: "end", operation: "rollout", namespace: "default", set: "web" },
    ...{ state: "Done", reason: "Settled", message: "2 of 2 ready; soaked 5 s", exitCode: 0, seconds: 20 },
    ...{ ordinals: [moved(1)], log: [], events: [], next: [] },
    ...change,
  };
}

const failure: Partial<EndEvent> = {
  ...{ state: "Failed", reason: "CrashLoopBackOff", exitCode: 4, ordinal: 0 },
  message: "web-0 crashes on start (exit code 1, 2 restarts)",
  ordinals: [moved(0, { outcome: "open", state: "CrashLoopBackOff", restarts: [6, 8] })],
  log: ["FATAL: ```no``` memory", "<b>bye</b>"],
  events: ["BackOff: Back-off | restarting <img src=x> failed `container`"],
  next: [{ label: "see more", command: "kubectl logs web-0 --previous" }],
};

const parts = [
  { title: "step 1 of 2: web-1", change: "nginx → nginx:2", end: end(20) },
  { title: "step 2 of 2: web-0", change: "nginx → nginx:2", end: end(40, failure) },
];

describe("a report in Markdown", () => {
  it("of a good rollout", () => {
    const text = formatReportMarkdown(createReport([{ title: "nginx → nginx:2", end: end(20) }]));
    expect(text).toMatchInlineSnapshot(`
      "## default/web: ✓ done in 20.0 s

      nginx → nginx:2

      | ordinal | before → after | took | where the time went (s) |
      | --- | --- | --- | --- |
      | web-1 | 6d9f8 → 84c7b | 10.0 s | terminating 4.0 · image 6.0 |

      \`\`\`text
               0 s        2 s         4 s         6 s         8 s
        web-1  ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒┃  6d9f8 → 84c7b  10.0 s
        ▓ stopping  ▒ image  ┃ ready
      \`\`\`

      2 of 2 ready; soaked 5 s
      "
    `);
  });

  it("of steps, the last of which failed", () => {
    expect(formatReportMarkdown(createReport(parts))).toMatchInlineSnapshot(`
      "## default/web: ✗ failed after 40.0 s

      nginx → nginx:2

      1. step 1 of 2: web-1: ✓ done in 20.0 s (2 of 2 ready; soaked 5 s)
      2. step 2 of 2: web-0: ✗ failed after 20.0 s

      | step | ordinal | before → after | took | where the time went (s) |
      | --- | --- | --- | --- | --- |
      | 1 | web-1 | 6d9f8 → 84c7b | 10.0 s | terminating 4.0 · image 6.0 |
      | 2 | web-0 | 6d9f8 → 84c7b | not ready, CrashLoopBackOff, 2 restarts | terminating 4.0 · image 6.0 |

      \`\`\`text
               0 s      5 s      10 s      15 s     20 s     25 s
        web-1  ▓▓▓▓▓▓▓▒▒▒▒▒▒▒▒▒▒▒┃                                        6d9f8 → 84c7b  10.0 s
        web-0                                       ▓▓▓▓▓▓▓▓▒▒▒↻▒▒▒↻▒▒▒✗  6d9f8 → 84c7b  CrashLoopBackOff
        ▓ stopping  ▒ image  ↻ restart  ┃ ready
      \`\`\`

      **web-0 crashes on start (exit code 1, 2 restarts)**

      \`\`\`\`text
      FATAL: \`\`\`no\`\`\` memory
      <b>bye</b>
      \`\`\`\`

      - BackOff: Back-off \\| restarting &lt;img src=x&gt; failed \\\`container\\\`

      - see more: \`kubectl logs web-0 --previous\`
      "
    `);
  });

  it("lets no text from the cluster be more than text", () => {
    const hostile = "| x | `y` <script>&amp; **b** [l](u) \u001b[31m# h";
    expect(markdownText(hostile)).toBe(
      "\\| x \\| \\`y\\` &lt;script&gt;&amp;amp; \\*\\*b\\*\\* \\[l\\](u) \\# h",
    );
    expect(markdownCode("a `` b")).toBe("```a `` b```");
    expect(markdownCode("`a")).toBe("`` `a ``");
    expect(markdownBlock(["a ```` b"])).toEqual(["`````text", "a ```` b", "`````"]);
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("`", "|", "<", "\n", "\u001b", "a", "\\") }), (text) => {
        expect(markdownText(text)).not.toMatch(/(^|[^\\])(\\\\)*[`|]|[<>\n\u001b]/);
      }),
    );
  });
});

describe("docs/report.schema.json", () => {
  const schema: object = JSON.parse(
    readFileSync(new URL("../../docs/report.schema.json", import.meta.url), "utf8"),
  );
  const ajv = new Ajv2020({ allErrors: true, strict: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const isValid = ajv.compile(schema);

  it("describes a report in JSON", () => {
    const report: unknown = JSON.parse(formatReportJson(createReport(parts)));
    expect(isValid(report), ajv.errorsText(isValid.errors)).toBe(true);
    expect(report).toMatchObject({
      v: 1,
      rollouts: [
        {
          ...{ set: "web", state: "Failed", exitCode: 4, seconds: 40, startedAt: "2026-11-21T10:00:00.000Z" },
          parts: [{ title: "step 1 of 2: web-1", ordinals: [{ pod: "web-1" }] }, { exitCode: 4 }],
        },
      ],
    });
  });

  it("refuses what is none", () => {
    expect(isValid({ v: 2, rollouts: [] })).toBe(false);
    expect(isValid({ v: 1, rollouts: [{ set: "web" }] })).toBe(false);
    expect(isValid({ v: 1, rollouts: [], more: 1 })).toBe(false);
  });
});
