/** Verbs of the API that a fault can be narrowed to. */
export const faultVerbs = [
  "get",
  "list",
  "watch",
  "create",
  "update",
  "patch",
  "delete",
  "deletecollection",
] as const;

/** Answers of a failing server that `error` can give. */
export const errorCodes = [500, 503, 504] as const;

/** What narrows a fault, and says when it is over. */
const selecting = ["verb", "resource", "every", "count", "for"] as const;

export type FaultOption = (typeof selecting)[number] | "retry-after" | "code";

export type FaultName = RequestFault | "away" | "drop-watches" | "compact" | "kill-node" | "restore-node";

interface FaultType {
  /** One line for the help. */
  summary: string;
  /** What must stand behind its name: how long, or which node. */
  value?: "DURATION" | "NODE";
  options: readonly FaultOption[];
}

/** Every fault of the API, and what it takes. Those without options happen once; `away` and a node end otherwise. */
export const faultTypes: Readonly<Record<FaultName, FaultType>> = {
  throttle: {
    summary: "answer 429 with Retry-After, as a server that is too busy does",
    options: [...selecting, "retry-after"],
  },
  error: { summary: "answer 500, or what --code says, and do nothing", options: [...selecting, "code"] },
  latency: {
    summary: "let requests wait that long before they are served",
    value: "DURATION",
    options: selecting,
  },
  conflict: { summary: "refuse updates and patches as made on an old version: 409", options: selecting },
  cut: { summary: "do what is asked, and cut the answer in the middle of its body", options: selecting },
  away: {
    summary: "be gone that long: connections end, and new ones are refused",
    value: "DURATION",
    options: [],
  },
  "drop-watches": { summary: "cut every open watch, once", options: [] },
  compact: { summary: "forget the history, once: open watches and old versions get 410", options: [] },
  "kill-node": { summary: "lose a node, with all that runs on it", value: "NODE", options: [] },
  "restore-node": { summary: "bring a lost node back", value: "NODE", options: [] },
};

export const faultNames = Object.keys(faultTypes) as FaultName[];

/** Faults that requests are held against, one by one. */
export type RequestFault = "throttle" | "error" | "latency" | "conflict" | "cut";

/** How large the numbers of a fault may be; times in milliseconds. */
export const faultBounds = {
  every: { min: 1, max: 10_000 },
  count: { min: 1, max: 1_000_000 },
  for: { min: 1, max: 24 * 3_600_000 },
  latency: { min: 1, max: 60_000 },
  away: { min: 1, max: 600_000 },
  retryAfterSeconds: { min: 1, max: 300 },
} as const;

/** A fault as it is asked for. */
export interface FaultSpec {
  type: FaultName;
  /** Of `latency` and `away`. */
  milliseconds?: number | undefined;
  /** Of `kill-node` and `restore-node`. */
  node?: string | undefined;
  /** Only requests with one of these verbs; all when left out. */
  verbs?: readonly string[] | undefined;
  /** Only requests for one of these: `pods`, `statefulsets.apps`, `sts`, `statefulsets/scale`; all when left out. */
  resources?: readonly string[] | undefined;
  /** Each n-th of the requests that are selected; each one when left out. */
  every?: number | undefined;
  /** Over after so many hits. */
  count?: number | undefined;
  /** Over after so long, in real time. */
  forMilliseconds?: number | undefined;
  /** Of `throttle`: 1 when left out, as priority and fairness begins. */
  retryAfterSeconds?: number | undefined;
  /** Of `error`: one of `errorCodes`; 500 when left out. */
  code?: number | undefined;
}

/** A fault as it is listed: what was asked for, and what came of it. */
export interface FaultReport extends FaultSpec {
  /** `throttle-1` */
  name: string;
  state: "on" | "over";
  /** RFC 3339; absent of a node, which is lost until it is restored. */
  since?: string;
  /** When it ends by itself at the latest. */
  until?: string;
  /** Requests that it was held against; absent where that is not counted. */
  seen?: number;
  /** Those that it fell upon; of what happens once: open watches. */
  hits?: number;
}
