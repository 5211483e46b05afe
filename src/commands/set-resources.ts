import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { nameContainers, selectContainers } from "../core/rollout/containers.js";
import {
  describeResourceChange,
  parseResourceChange,
  resourceNotes,
  resourcesPatch,
  type ResourceChange,
} from "../core/rollout/resources.js";
import { backStep } from "../core/rollout/undo.js";
import { containersFlag, readContainers } from "./rollout/containers-flag.js";
import {
  changeTemplate,
  readTemplateOptions,
  templateFlags,
  type TemplateOptions,
} from "./rollout/template-change.js";
import { defineCommand } from "./shared/command.js";
import { readSetName } from "./shared/flags.js";
import { namingFor } from "./shared/naming.js";

interface Options extends TemplateOptions {
  name: string;
  containers: string;
  change: ResourceChange;
}

/** Changes requests and limits, in all pods or a few first, in one patch. */
export const setResourcesCommand = defineCommand<Options>({
  args: "NAME --requests=…|--limits=…",
  completes: "statefulset",
  description: "An amount of 0 removes the request or the limit.",
  examples: `
# More memory, the highest ordinal first
sts set resources web --requests=memory=1Gi --limits=memory=1Gi --stage=1

# One container only; no limit of cpu any more
sts set resources web -c nginx --requests=cpu=500m --limits=cpu=0`,
  flags: [
    containersFlag,
    { name: "requests", value: "AMOUNTS", repeat: true, help: "what to request: cpu=100m,memory=256Mi" },
    { name: "limits", value: "AMOUNTS", repeat: true, help: "the most it may use: cpu=500m,memory=1Gi" },
    ...templateFlags,
  ],

  options(input) {
    const [name, ...more] = input.args;
    if (name === undefined) throw new UsageError("the name of a StatefulSet is needed");
    if (more.length > 0) throw new UsageError(`one StatefulSet at a time: ${input.args.join(", ")}`);
    const change = parseResourceChange(input.list("requests"), input.list("limits"));
    return {
      ...readTemplateOptions(input),
      name: readSetName(name),
      containers: readContainers(input),
      change,
    };
  },

  async run(options, context) {
    const { connection, name, containers, change } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    const where = nameContainers(selectContainers(set, containers));
    return changeTemplate(
      context,
      cluster,
      {
        set,
        title: `${where} → ${describeResourceChange(change)}`,
        notes: resourceNotes(set, containers, change),
        unchanged: "the resources are these already; nothing to change",
        template: (current: StatefulSet) => resourcesPatch(current, containers, change),
        subject: `statefulset.apps/${name} resource requirements`,
        verb: "updated",
        back: backStep(set, naming, options.staging !== undefined),
      },
      options,
    );
  },
});
