import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../../src/core/rollout/history.js";
import { historyTable, revisionPage } from "../../src/view/history.js";

const now = Date.parse("2026-11-21T10:00:00Z");
const entry = (parts: Partial<HistoryEntry>): HistoryEntry => ({
  revision: 1,
  name: "web-a",
  changeCause: null,
  createdAt: "2026-11-09T10:00:00Z",
  images: ["nginx:1"],
  ordinals: [],
  current: false,
  update: false,
  template: {},
  ...parts,
});

describe("the history as a table", () => {
  it("names pods in few words, and what a revision is to the set", () => {
    const history = [
      entry({ revision: null, name: "web-x", createdAt: null, images: [], ordinals: [0] }),
      entry({}),
      entry({ revision: 6, changeCause: "newer", ordinals: [1, 2, 3], current: true }),
      entry({ revision: 7, images: ["nginx:2", "sidecar"], ordinals: [4, 5], update: true }),
    ];
    expect(historyTable("web", history, now)).toBe(
      [
        "REVISION   CHANGE-CAUSE   AGE         IMAGES            PODS",
        "?          <none>         <unknown>   <none>            web-0",
        "1          <none>         12d         nginx:1           <none>",
        "6          newer          12d         nginx:1           web-1 to web-3 (current)",
        "7          <none>         12d         nginx:2,sidecar   web-4 and web-5 (update)",
        "",
      ].join("\n"),
    );
  });

  it("says that it does not know who runs what, and lets no escape through", () => {
    const table = historyTable("web", [entry({ ordinals: null, changeCause: "a\u001b[2Jb\nc" })], now);
    expect(table).toContain("ab c");
    expect(table).toMatch(/ <unknown>\n$/);
  });
});

describe("the page of a revision", () => {
  it("is YAML with a comment above, and keeps tabs", () => {
    const template = { metadata: { labels: { app: "web" } }, spec: { args: ["a\tb\nc\n"] } };
    const page = revisionPage("web", entry({ revision: 3, changeCause: "why\nnot", template }));
    expect(page).toBe(
      [
        "# statefulset.apps/web with revision #3 (web-a): why not",
        "metadata:",
        "  labels:",
        "    app: web",
        "spec:",
        "  args:",
        "  - |",
        "    a\tb",
        "    c",
        "",
      ].join("\n"),
    );
  });
});
