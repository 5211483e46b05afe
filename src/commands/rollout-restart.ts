import type { Context } from "../context.js";
import { UsageError } from "../core/errors.js";
import { ordinalRange } from "../core/identity.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { strategyOf } from "../core/revision.js";
import { parseOrdinals, type OrdinalSpan } from "../core/rollout/ordinals.js";
import { heldPods, updatedPods } from "../core/rollout/partition.js";
import { askingFor, refuseUnlessFree } from "./rollout/holder.js";
import { restartPods } from "./rollout/restart-pods.js";
import {
  changeTemplate,
  readTemplateOptions,
  templateFlags,
  type TemplateChange,
  type TemplateOptions,
} from "./rollout/template-change.js";
import { defineCommand } from "./shared/command.js";
import { readOneSetName } from "./shared/flags.js";
import type { Input } from "./shared/input.js";

interface Options extends TemplateOptions {
  name: string;
  /** Undefined: the whole set, through its template. */
  ordinals: OrdinalSpan[] | undefined;
}

/** Restarts all pods by a rollout, as kubectl does, or some of them one by one. */
export const rolloutRestartCommand = defineCommand<Options>({
  args: "NAME [--ordinals=LIST]",
  completes: "statefulset",
  description: `Without --ordinals the template gets an annotation, as with kubectl, and rolls out: highest ordinal
first, down to the partition.

With --ordinals the template stays as it is: each pod is deleted and waited for before the next,
as long as all other pods are ready (--max-unready=N: all but N). Under OnDelete this is how an
update reaches the pods.`,
  examples: `
sts rollout restart web

# Some pods, the highest first
sts rollout restart web --ordinals=0,2-4

# Drive an update under OnDelete to its end
sts set image web nginx=nginx:1.29
sts rollout restart web --ordinals=0-2`,
  flags: [
    {
      name: "ordinals",
      value: "LIST",
      help: "only these, one by one, without a change of the template: 0,2-4",
    },
    ...templateFlags,
  ],

  options(input) {
    const ordinals = readOrdinals(input);
    return { ...readTemplateOptions(input), name: readOneSetName(input), ordinals };
  },

  async run(options, context) {
    const { connection, name, ordinals } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    if (!ordinals)
      return changeTemplate(context, cluster, restart(context, set, options.staging !== undefined), options);
    refuseUnlessFree(askingFor(context, cluster, set, options), set, "change");
    return restartPods(context, cluster, set, { ...options, ordinals });
  },
});

/** Flags that say how a change of the template spreads, which `--ordinals` makes none of. */
const spreading = ["stage", "steps", "soak", "gate", "on-failure", "unstick"];

function readOrdinals(input: Input): OrdinalSpan[] | undefined {
  const text = input.text("ordinals");
  if (text === undefined) return undefined;
  const other = spreading.find((flag) => input.given(flag));
  if (other)
    throw new UsageError(`--${other} is for a change of the template, which --ordinals makes none of`);
  if (!input.boolean("wait", true)) {
    throw new UsageError("--ordinals restarts a pod when the one before is ready again, so it has to wait");
  }
  return parseOrdinals(text);
}

function restart(context: Context, set: StatefulSet, isStaged: boolean): TemplateChange {
  const { name } = set.metadata;
  // As kubectl has it (polymorphichelpers/objectrestarter.go); to the millisecond, so that no two are the same.
  const restartedAt = new Date(context.clock.now()).toISOString();
  const annotations = { "kubectl.kubernetes.io/restartedAt": restartedAt };
  return {
    set,
    title: isStaged ? "restart" : restartTitle(set),
    notes: [],
    unchanged: "restarted just now; nothing to change",
    template: () => ({ metadata: { annotations } }),
    subject: `statefulset.apps/${name}`,
    verb: "restarted",
  };
}

function restartTitle(set: StatefulSet): string {
  const { firstUpdated, partition, start, end } = ordinalRange(set);
  const type = strategyOf(set);
  if (type !== "RollingUpdate") return "restart";
  if (firstUpdated === start) return "restart, highest ordinal first";
  const skipped = heldPods(set);
  if (firstUpdated === end) return `restart: no pod for now, as the partition holds ${skipped}`;
  return `restart ${updatedPods(set)}, highest ordinal first; skips ${skipped}, below partition ${partition}`;
}
