/** What a sandbox has to tell of itself, for `sts sandbox logs`. */
export type LogEntry = RequestEntry | NoteEntry;

/** One request over HTTP. */
export interface RequestEntry {
  type: "request";
  /** Milliseconds since the epoch: when it was over, or, of a watch without a code, when it began. */
  at: number;
  /** As RBAC names it; the method for what is no path of objects. */
  verb: string;
  /** Path and query. */
  url: string;
  /** The client's User-Agent. */
  agent: string;
  /** Those that fell upon it. */
  faults: readonly string[];
  /** 0 when the connection ended without an answer; absent of a watch that begins. */
  code?: number;
  milliseconds?: number;
}

/** Something else: a fault that was put on, a controller that failed and will try again. */
interface NoteEntry {
  type: "fault" | "error";
  at: number;
  text: string;
}

/** One line, without its end: `2026-11-22T04:41:07.123Z 200 list 3ms /api/v1/pods?limit=500 sts/0.1.0 fault=latency`. */
export function formatEntry(entry: LogEntry): string {
  const time = new Date(entry.at).toISOString();
  if (entry.type !== "request") return `${time} ${entry.type}: ${entry.text.replace(/\s*\n\s*/g, " ")}`;
  const { code, verb, milliseconds, url, agent, faults } = entry;
  const answer = code === undefined ? "..." : String(code).padStart(3, "0");
  const took = milliseconds === undefined ? "" : ` ${Math.round(milliseconds)}ms`;
  const who = agent.split(" ", 1)[0] || "-";
  const struck = faults.length > 0 ? ` fault=${faults.join(",")}` : "";
  return `${time} ${answer} ${verb}${took} ${url} ${who}${struck}`;
}
