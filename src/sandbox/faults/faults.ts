import type { ClusterPort } from "../port.js";
import type { Clock } from "../simulator/clock.js";
import { faultAnnotation } from "../simulator/faults.js";
import { Absence } from "./absence.js";
import { FaultRules, type RequestFaultSpec } from "./rules.js";
import type { FaultReport, FaultSpec } from "./types.js";
import { faultWords } from "./words.js";

/** What faults are done to. */
export interface FaultTargets {
  clock: Clock;
  /** As an administrator, past all faults. */
  port: ClusterPort;
  /** Cuts every watch; returns how many there were. */
  dropWatches(): number;
  /** Forgets the history and ends every watch with 410; returns how many there were. */
  compact(): number;
  /** Closes the API's address until the returned function is called, which rejects when somebody else has it. */
  leave(): () => Promise<void>;
  /** Told of what is put on and what ends. */
  note?: ((text: string) => void) | undefined;
}

/** The faults of one sandbox: puts them on, lists them and takes them away. */
export class Faults {
  readonly rules: FaultRules;
  readonly #absence: Absence;
  #serial = 0;

  constructor(private readonly targets: FaultTargets) {
    this.rules = new FaultRules(() => targets.clock.now());
    this.#absence = new Absence(targets);
  }

  /** Resolves when the fault is on, or done. Rejects with the API's error for a node that is not there. */
  async inject(spec: FaultSpec): Promise<FaultReport> {
    const report = await this.#act(spec, `${spec.type}-${++this.#serial}`);
    this.targets.note?.(report.state === "on" ? `${faultWords(spec)} (${report.name})` : faultWords(spec));
    return report;
  }

  /** All that are on, and those that requests were held against and that are over. */
  async list(): Promise<FaultReport[]> {
    const nodes = await this.targets.port.list("nodes");
    const lost = nodes.filter(({ metadata }) => metadata.annotations?.[faultAnnotation] === "node-lost");
    return [
      ...this.rules.list(),
      ...(this.#absence.report ? [this.#absence.report] : []),
      ...lost.map(({ metadata }) => nodeReport(metadata.name)),
    ];
  }

  /**
   * Takes away all faults, or those of one name or type. Returns what they were. Rejects, the others being gone, when the
   * API is away and cannot come back.
   */
  async clear(which?: string): Promise<FaultReport[]> {
    const gone = (await this.list()).filter(({ name, type }) => isOf(which, name, type));
    this.rules.clear(({ name, type }) => isOf(which, name, type));
    for (const { node } of gone) {
      if (node !== undefined) await this.#mark(node, null);
    }
    if (gone.some(({ type }) => type === "away")) await this.#absence.end();
    if (gone.length > 0) this.targets.note?.(`cleared ${gone.map(({ name }) => name).join(", ")}`);
    return gone;
  }

  /** Leaves everything as it is, and does nothing more by itself. */
  close(): void {
    this.#absence.close();
  }

  async #act(spec: FaultSpec, name: string): Promise<FaultReport> {
    switch (spec.type) {
      case "drop-watches":
        return this.#done(name, spec, this.targets.dropWatches());
      case "compact":
        return this.#done(name, spec, this.targets.compact());
      case "away":
        return this.#absence.begin(name, spec.milliseconds ?? 0);
      case "kill-node":
        await this.#mark(spec.node ?? "", "node-lost");
        return nodeReport(spec.node ?? "");
      case "restore-node":
        await this.#mark(spec.node ?? "", null);
        return this.#done(name, spec);
      default:
        return this.rules.add(name, { ...spec, type: spec.type } satisfies RequestFaultSpec);
    }
  }

  #done(name: string, spec: FaultSpec, hits?: number): FaultReport {
    const since = new Date(this.targets.clock.now()).toISOString();
    return { name, ...spec, state: "over", since, ...(hits !== undefined && { hits }) };
  }

  /** The machines look at the annotation: they know a cluster only through its API. */
  async #mark(name: string, fault: "node-lost" | null): Promise<void> {
    await this.targets.port.patch(
      "nodes",
      { name },
      { metadata: { annotations: { [faultAnnotation]: fault } } },
    );
  }
}

function isOf(which: string | undefined, name: string, type: string): boolean {
  return which === undefined || which === name || which === type;
}

function nodeReport(node: string): FaultReport {
  return { name: node, type: "kill-node", node, state: "on" };
}
