import { UsageError } from "../core/errors.js";
import { imagesBefore, imagesPatch, parseImages, type Images } from "../core/images.js";
import { kinds } from "../core/kinds.js";
import type { StatefulSet } from "../core/model.js";
import { ownCommand } from "../core/progress/naming.js";
import type { NextStep } from "../core/progress/verdict.js";
import { planStage, stagePatch } from "../core/staging.js";
import {
  changeFlags,
  changeSet,
  readChange,
  type ChangeOptions,
  type SetChange,
} from "./shared/change-set.js";
import { defineCommand } from "./shared/command.js";
import { readSetName } from "./shared/flags.js";
import { namingFor } from "./shared/naming.js";

interface Options extends ChangeOptions {
  name: string;
  images: Images;
  /** Only so many of the highest ordinals; undefined: all that the partition allows. */
  stage: number | undefined;
}

/** Changes images, and with `--stage` the partition in the same patch, so that no pod is touched before its turn. */
export const setImageCommand = defineCommand<Options>({
  path: "set image",
  group: "rollout",
  summary: "Change the image of containers, all pods or a few first, and watch the rollout",
  args: "NAME CONTAINER=IMAGE…",
  completes: "statefulset",
  examples: `
# The highest ordinal first; the others keep the old image until they are promoted
sts set image web nginx=nginx:1.29 --stage=1
sts rollout promote web

# All of them, highest ordinal first
sts set image web nginx=nginx:1.29`,
  flags: [
    { name: "stage", value: "N", help: "update only the N highest ordinals, and hold the others" },
    ...changeFlags,
  ],

  options(input) {
    const [name, ...images] = input.args;
    if (name === undefined || name.includes("=")) throw new UsageError("the name of a StatefulSet is needed");
    return {
      ...readChange(input),
      name: readSetName(name),
      images: parseImages(images),
      stage: input.integer("stage"),
    };
  },

  async run(options, context) {
    const { connection, name, images } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    const before = imagesBefore(set, images).join(" ");
    const back = { label: "go back", command: ownCommand(naming, `set image ${name} ${before}`) };
    return changeSet(context, cluster, imageChange(set, options, back), options);
  },
});

function imageChange(set: StatefulSet, options: Options, back: NextStep): SetChange {
  const subject = `statefulset.apps/${options.name} image`;
  if (!imagesPatch(set, options.images)) {
    const title = "the images are these already; nothing to change";
    return { set, title, notes: [], patch: undefined, result: `${subject} unchanged` };
  }
  const { title, notes, partition } = describe(set, options);
  return {
    set,
    title,
    notes,
    patch: (current) => ({ type: "strategic", body: imagePatch(current, options.images, partition) }),
    result: `${subject} updated`,
    back,
  };
}

function describe(set: StatefulSet, { stage, images }: Options) {
  const changes = [...images].map(([container, image]) => `${container} → ${image}`).join(", ");
  if (stage === undefined) {
    const { held } = planIfRolling(set) ?? {};
    return { title: changes, notes: held ? [`held by the partition: ${held}`] : [], partition: undefined };
  }
  const { partition, updated, held, warnings } = planStage(set, { canary: stage });
  const parts = [updated && `${updated} first`, held && `${held} held`].filter(Boolean).join("; ");
  return { title: `${changes}: ${parts}`, notes: warnings, partition };
}

/** What the partition in force means for the set; undefined under a strategy that has none. */
function planIfRolling(set: StatefulSet) {
  const { type = "RollingUpdate", rollingUpdate } = set.spec.updateStrategy ?? {};
  return type === "RollingUpdate" ? planStage(set, { partition: rollingUpdate?.partition ?? 0 }) : undefined;
}

/** Template and partition in one patch: two would roll pods in between. */
function imagePatch(set: StatefulSet, images: Images, partition: number | undefined): object {
  const { spec: template = {} } = (imagesPatch(set, images) ?? {}) as { spec?: object };
  if (partition === undefined) {
    return { metadata: { resourceVersion: set.metadata.resourceVersion }, spec: template };
  }
  const staged = stagePatch(set, partition) as { metadata: object; spec: object };
  return { ...staged, spec: { ...staged.spec, ...template } };
}
