import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import { partitionOf, planStage, type StageRequest } from "../core/rollout/partition.js";
import { stagingFrom, stagingPatch } from "../core/rollout/staging.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readSetNames } from "./shared/flags.js";
import type { Input } from "./shared/input.js";

interface Options extends ChangeOptions {
  name: string;
  request: StageRequest;
}

/** Lets an update reach the highest ordinals only, through the partition. */
export const rolloutStageCommand = defineCommand<Options>({
  path: "rollout stage",
  group: "rollout",
  summary: "Let an update reach only the highest ordinals",
  args: "NAME --partition=N|--canary=N|--percent=P",
  completes: "statefulset",
  description: `The partition that was there before is remembered; rollout promote brings it back.
A stage that is wider than the last one updates further pods; a narrower one rolls nothing back.`,
  examples: `
# The highest ordinal only
sts rollout stage web --canary=1

# Half of the pods, rounded up
sts rollout stage web --percent=50

# As the API has it: an index counted from spec.ordinals.start; from there on up pods are updated
sts rollout stage web --partition=2`,
  flags: [
    { name: "partition", value: "N", help: "index from which on pods are updated, as in the API" },
    { name: "canary", value: "N", help: "how many of the highest ordinals are updated" },
    { name: "percent", value: "P", help: "how many percent of the pods are updated, highest ordinals first" },
    ...changeFlags,
  ],

  options: (input) => ({
    ...readChange(input),
    name: readSetNames(input, "one")[0] ?? "",
    request: readRequest(input),
  }),

  async run(options, context) {
    const { name, request } = options;
    const cluster = await context.cluster(options.connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const { partition, updated, held, warnings } = planStage(set, request);
    const parts = [updated && `${updated} updated`, held && `${held} held`].filter(Boolean).join("; ");
    const same = partitionOf(set) === partition ? ["this partition is in force already"] : [];
    const change: SetChange = {
      set,
      title: `partition ${partition}: ${parts || "no pods"}`,
      notes: [...warnings, ...same],
      patch: (current) => ({ type: "merge", body: stagingPatch(current, partition, stagingFrom(current)) }),
      result: `statefulset.apps/${name} staged`,
    };
    return changeSet(context, cluster, change, options);
  },
});

function readRequest(input: Input): StageRequest {
  const partition = input.integer("partition");
  const canary = input.integer("canary");
  const percent = input.integer("percent", { min: 0, max: 100 });
  const requests: StageRequest[] = [
    ...(partition === undefined ? [] : [{ partition }]),
    ...(canary === undefined ? [] : [{ canary }]),
    ...(percent === undefined ? [] : [{ percent }]),
  ];
  const [request, ...more] = requests;
  if (!request || more.length > 0)
    throw new UsageError("one of --partition, --canary and --percent is needed");
  return request;
}
