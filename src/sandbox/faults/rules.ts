import type { RequestInfo } from "../api/request.js";
import type { FaultReport, FaultSpec, RequestFault } from "./types.js";

/** A fault that requests are held against. */
export type RequestFaultSpec = FaultSpec & { type: RequestFault };

interface Rule {
  name: string;
  spec: RequestFaultSpec;
  since: number;
  seen: number;
  hits: number;
}

/** The faults that answer in the server's place: whoever comes behind them does not see the request. */
const answering: readonly RequestFault[] = ["throttle", "error", "conflict"];

/** Only these can run into a conflict. */
const conflicting = ["update", "patch"];

// Who puts more on has lost the view of it: the oldest that are over are forgotten.
const mostRemembered = 100;

/**
 * Decides which request a fault falls upon. Nothing is left to chance: of the requests that a rule selects it takes
 * each n-th, as they come.
 */
export class FaultRules {
  #rules: Rule[] = [];

  /** @param now milliseconds since the epoch */
  constructor(private readonly now: () => number) {}

  add(name: string, spec: RequestFaultSpec): FaultReport {
    const rule = { name, spec, since: this.now(), seen: 0, hits: 0 };
    this.#rules.push(rule);
    const over = this.#rules.filter((one) => this.#isOver(one));
    const excess = new Set(over.slice(0, Math.max(0, this.#rules.length - mostRemembered)));
    this.#rules = this.#rules.filter((one) => !excess.has(one));
    return this.#report(rule);
  }

  /** In the order in which they were put on; those that are over stay listed until they are cleared. */
  list(): FaultReport[] {
    return this.#rules.map((rule) => this.#report(rule));
  }

  /** Takes those away that `is` names; returns what they were. */
  clear(is: (rule: { name: string; type: string }) => boolean): FaultReport[] {
    const gone = this.#rules.filter(({ name, spec }) => is({ name, type: spec.type }));
    this.#rules = this.#rules.filter((rule) => !gone.includes(rule));
    return gone.map((rule) => this.#report(rule));
  }

  /** The faults that fall upon a request, in their order; the first that answers it is the last. */
  strike(request: Pick<RequestInfo, "verb" | "resource">): RequestFaultSpec[] {
    const struck: RequestFaultSpec[] = [];
    for (const rule of this.#rules) {
      if (this.#isOver(rule) || !selects(rule.spec, request)) continue;
      rule.seen += 1;
      if (rule.seen % (rule.spec.every ?? 1) !== 0) continue;
      rule.hits += 1;
      struck.push(rule.spec);
      if (answering.includes(rule.spec.type)) break;
    }
    return struck;
  }

  #isOver({ spec, hits, since }: Rule): boolean {
    const { count = Infinity, forMilliseconds = Infinity } = spec;
    return hits >= count || this.now() >= since + forMilliseconds;
  }

  #report(rule: Rule): FaultReport {
    const { name, spec, since, seen, hits } = rule;
    const { forMilliseconds } = spec;
    return {
      name,
      ...spec,
      state: this.#isOver(rule) ? "over" : "on",
      since: new Date(since).toISOString(),
      ...(forMilliseconds !== undefined && { until: new Date(since + forMilliseconds).toISOString() }),
      seen,
      hits,
    };
  }
}

function selects(
  spec: RequestFaultSpec,
  { verb, resource: path }: Pick<RequestInfo, "verb" | "resource">,
): boolean {
  if (spec.type === "conflict" && (!conflicting.includes(verb) || !path?.name)) return false;
  if (spec.verbs && !spec.verbs.includes(verb)) return false;
  if (!spec.resources) return true;
  if (!path) return false;
  const { group, resource, subresource } = path;
  const plain = group ? `${resource}.${group}` : resource;
  return spec.resources.some((wanted) => wanted === plain || wanted === `${plain}/${subresource}`);
}
