import type { Context } from "../../../context.js";
import type { PlannedClaim, PlannedTemplate, ResizePlan } from "../../../core/claims/resize/plan.js";
import type { Standing } from "../../../core/claims/resize/standing.js";
import type { EndEvent } from "../../../core/progress/events.js";
import type { NextStep, VerdictState } from "../../../core/progress/verdict.js";
import type { ExitCode } from "../../../errors.js";
import { resizedClaim, type ResizedClaim } from "../../../view/claims/resize.js";
import { formatDocument } from "../../../view/output.js";
import { verdictCodes } from "../../shared/following/verdict-codes.js";
import { dryRunSuffixes } from "../../shared/flags.js";
import { inOrder } from "../in-order.js";
import type { ResizeOptions } from "./options.js";
import type { Teller } from "./teller.js";

/** What stdout gets: a line for each claim and for the set, in the order of the plan, or one document at the end. */
export class Results {
  private readonly claims = new Map<string, ResizedClaim & { state: string }>();
  private templates: readonly PlannedTemplate[] = [];
  private isRemade = false;
  private line = inOrder<Standing>([], keyOf, () => undefined);
  private readonly said = new Set<string>();

  constructor(
    private readonly context: Pick<Context, "out">,
    private readonly teller: Pick<Teller, "aside" | "end">,
    private readonly set: { namespace: string; name: string },
    private readonly options: Pick<ResizeOptions, "output" | "dryRun">,
  ) {}

  /** These claims are about to grow. */
  begin(claims: readonly PlannedClaim[]): void {
    for (const planned of claims) {
      this.claims.set(planned.claim.metadata.uid, { ...resizedClaim(planned), state: "Requested" });
    }
    const keys = claims.map(({ claim }) => claim.metadata.uid);
    this.line = inOrder(keys, keyOf, ({ planned }) => this.sayClaim(planned));
  }

  /** How they stand: each that has its size is said once. */
  look(standings: readonly Standing[]): void {
    for (const standing of standings) {
      const key = keyOf(standing);
      const { state } = standing.growth;
      const item = this.claims.get(key);
      if (item) this.claims.set(key, { ...item, state });
      if (state !== "Resized" || this.said.has(key)) continue;
      this.said.add(key);
      this.line.tell(standing);
    }
  }

  /** Says those, too, that had to wait for the lines of others. */
  flush(): void {
    this.line.flush();
  }

  /** The set was made anew; `templates` are empty where an earlier run had begun that. */
  changed(templates: readonly PlannedTemplate[]): void {
    this.templates = templates;
    this.isRemade = true;
    this.say(`statefulset.apps/${this.set.name} resized`);
  }

  /** What a dry run would have done. */
  rehearsed({ claims, templates }: ResizePlan): ExitCode {
    this.begin(claims);
    for (const planned of claims) this.sayClaim(planned);
    if (templates.length > 0) this.changed(templates);
    return this.write(0);
  }

  /** The last word on a resize that has come to no good end. Returns its exit code. */
  fail(
    verdict: { state: Exclude<VerdictState, "Done">; reason: string; message: string },
    next: NextStep[],
  ): ExitCode {
    const state: EndEvent["state"] = verdict.state;
    const code = verdictCodes[verdict.state];
    this.teller.end(state, code, { ...verdict, next });
    return code;
  }

  /** The document, where one was asked for, or that nothing had to be done. Returns the code. */
  write(code: ExitCode): ExitCode {
    const { output } = this.options;
    const { namespace, name } = this.set;
    const isIdle = this.claims.size === 0 && !this.isRemade;
    if (isIdle && code === 0) this.say(`statefulset.apps/${name} unchanged`);
    const templates = this.templates.map(({ name: template, from, to }) => ({ name: template, from, to }));
    const document = { namespace, name, templates, claims: [...this.claims.values()] };
    if (output !== undefined) this.context.out.write(formatDocument({ type: output }, document));
    return code;
  }

  private sayClaim({ claim }: PlannedClaim): void {
    this.say(`persistentvolumeclaim/${claim.metadata.name} resized`);
  }

  private say(line: string): void {
    if (this.options.output === undefined) {
      const text = `${line}${dryRunSuffixes[this.options.dryRun]}\n`;
      this.teller.aside(() => this.context.out.write(text));
    }
  }
}

function keyOf({ planned }: Standing): string {
  return planned.claim.metadata.uid;
}
