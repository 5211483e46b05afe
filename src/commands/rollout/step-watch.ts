import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { formatElapsed } from "../../core/duration.js";
import type { Pod, StatefulSet } from "../../core/model.js";
import type { EndEvent } from "../../core/progress/events.js";
import type { NamingFor } from "../../core/progress/naming.js";
import { Reason } from "../../core/progress/reasons.js";
import type { StepPlan } from "../../core/rollout/staging.js";
import type { PlannedStep } from "../../core/rollout/step-plan.js";
import { ExitCode, ExitError } from "../../errors.js";
import type { WaitOptions } from "../shared/flags.js";
import { follow, type FollowTarget } from "../shared/follow.js";
import type { ReportPart } from "../shared/report.js";
import { stepTitle } from "./drive-words.js";
import { runGate } from "./gate.js";

/** What a step came to. */
export interface StepEnd {
  code: ExitCode;
  /** For the list of steps: `✓ ready in 12.1 s, soaked 60 s, gate passed`. */
  words: string;
  /** Why it did not pass, in plain words. */
  message: string;
  /** The wait has told that already. */
  told: boolean;
}

interface Watching {
  namespace: string;
  /** What the steps roll out, for the report; undefined where it is not known. */
  change: string | undefined;
  plan: StepPlan;
  gate: string | undefined;
  unstick: boolean;
  wait: WaitOptions;
  naming: NamingFor;
}

/** How long a server may take to answer when time is up already, in milliseconds. */
const patience = 3_000;

/** And after a Ctrl-C: what is written then is better known. */
const leaveTaking = 500;

/** Watches the steps of one run: until the pods are ready, while they soak, and what the gate says. */
export class StepWatch {
  /** Of the steps so far, for the report. */
  readonly parts: ReportPart[] = [];
  /** `--timeout` is for all of them. */
  private readonly deadline: number;

  constructor(
    private readonly context: Context,
    private readonly cluster: Cluster,
    private readonly watching: Watching,
  ) {
    this.deadline = context.clock.now() + (watching.wait.timeout ?? Infinity);
  }

  /** Whether `--timeout` has passed. */
  isOver(): boolean {
    return this.context.clock.now() >= this.deadline;
  }

  /** An answer between two steps. Throws an ExitError (3) where the server is silent still when `--timeout` is over. */
  async inTime<T>(answer: Promise<T>): Promise<T> {
    const { clock, signal } = this.context;
    const left = Math.max(this.deadline - clock.now(), patience);
    const stop = new AbortController();
    const late = clock
      .sleep(left, AbortSignal.any([stop.signal, signal]))
      .catch(() => clock.sleep(leaveTaking, stop.signal))
      .then(() => {
        signal.throwIfAborted();
        const words = "error: the server does not answer, and time is up; the same command goes on";
        throw new ExitError(ExitCode.Unfinished, words);
      });
    try {
      return await Promise.race([answer, late]);
    } finally {
      stop.abort();
    }
  }

  /** Waits for a step whose patch left the set as `written`; `before`: its pods before that. */
  async see(
    written: StatefulSet,
    before: readonly Pod[],
    step: PlannedStep,
    header: { title: string; notes: string[] },
  ): Promise<StepEnd> {
    const { clock } = this.context;
    const { code, verdicts, ends } = await this.follow(written, before, header);
    const title = stepTitle(written, this.watching.plan, step);
    const { change } = this.watching;
    this.parts.push(...ends.map((end) => ({ title, ...(change !== undefined && { change }), end })));
    const message = verdicts[0]?.message ?? "";
    if (code !== ExitCode.Done) return { code, words: wordsOf(code), message, told: true };
    const words = this.readyWords(ends[0]);
    const begun = clock.now();
    const gated = await this.gate(written, step);
    if (!gated) return { code, words: `✓ ${words}`, message: "", told: false };
    if (gated.code !== ExitCode.Done) this.tellGate(gated, clock.now() - begun);
    const mark = gated.code === ExitCode.Done ? "✓" : gated.code === ExitCode.Failed ? "✗" : "…";
    return { ...gated, words: `${mark} ${words}, ${gated.words}` };
  }

  private follow(written: StatefulSet, before: readonly Pod[], header: { title: string; notes: string[] }) {
    const { namespace, plan, unstick, wait, naming } = this.watching;
    const left = this.deadline - this.context.clock.now();
    const timeout = Number.isFinite(left) ? Math.max(1, left) : undefined;
    const target: FollowTarget = {
      ...{ namespace, name: written.metadata.name, goal: { type: "settled" }, written, before, unstick },
      ...header,
      ...(plan.soakMs && { soakMs: plan.soakMs }),
    };
    return follow(this.context, this.cluster, {
      operation: "rollout",
      targets: [target],
      wait: { ...wait, wait: true, timeout },
      naming,
    });
  }

  private readyWords(end: EndEvent | undefined): string {
    const { soakMs = 0 } = this.watching.plan;
    const ready = Math.max(0, (end?.seconds ?? 0) * 1_000 - soakMs);
    const soaked = soakMs > 0 ? [`soaked ${soakMs / 1_000} s`] : [];
    return [`ready in ${formatElapsed(ready)}`, ...soaked].join(", ");
  }

  /** Undefined where there is no gate. */
  private async gate(set: StatefulSet, step: PlannedStep): Promise<StepEnd | undefined> {
    const { gate: command, namespace } = this.watching;
    if (command === undefined) return undefined;
    const { index } = step;
    const quiet = this.watching.wait.progress === "none";
    if (!quiet) {
      this.context.err.write(`${namespace}/${set.metadata.name}: step ${index + 1}: running the gate\n`);
    }
    const run = { command, set, namespace, step: index + 1, deadline: this.deadline, quiet };
    const code = await runGate(this.context, run);
    if (code === 0) return { code: ExitCode.Done, words: "gate passed", message: "", told: false };
    const message = code === undefined ? "the gate had not ended" : `the gate ended with exit code ${code}`;
    return code === undefined
      ? { code: ExitCode.Unfinished, words: "gate not ended", message, told: false }
      : { code: ExitCode.Failed, words: "gate failed", message, told: false };
  }

  /** A report is to say why a step stopped, and its pods were fine. */
  private tellGate({ code, message }: StepEnd, ms: number): void {
    const last = this.parts.at(-1);
    if (!last) return;
    const [state, reason] =
      code === ExitCode.Failed
        ? (["Failed", Reason.GateFailed] as const)
        : (["TimedOut", Reason.Timeout] as const);
    const seconds = last.end.seconds + Math.round(ms) / 1_000;
    const time = new Date(this.context.clock.now()).toISOString();
    const end: EndEvent = { ...last.end, time, state, reason, message, exitCode: code, seconds };
    this.parts.splice(-1, 1, { ...last, end });
  }
}

function wordsOf(code: ExitCode): string {
  if (code === ExitCode.Unfinished) return "… not finished";
  return code === ExitCode.Stalled ? "✗ stalled" : "✗ failed";
}
