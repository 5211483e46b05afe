import { UsageError } from "../core/errors.js";
import { kinds } from "../core/kinds.js";
import { imagesPatch, parseImages, type Images } from "../core/rollout/images.js";
import { backStep } from "../core/rollout/undo.js";
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
  images: Images;
}

/** Changes images, all pods or a few first, in one patch, so that no pod is touched before its turn. */
export const setImageCommand = defineCommand<Options>({
  args: "NAME CONTAINER=IMAGE…",
  completes: "statefulset",
  examples: `
# The highest ordinal first; the others keep the old image until they are promoted
sts set image web nginx=nginx:1.29 --stage=1
sts rollout promote web

# In steps, each watched for a minute and tried by a command; back to the old image when one fails
sts set image web nginx=nginx:1.29 --steps=1,50%,100% --soak=60s --gate=./smoke.sh --on-failure=undo

# All of them, highest ordinal first
sts set image web nginx=nginx:1.29`,
  flags: templateFlags,

  options(input) {
    const [name, ...images] = input.args;
    if (name === undefined || name.includes("=")) throw new UsageError("the name of a StatefulSet is needed");
    return { ...readTemplateOptions(input), name: readSetName(name), images: parseImages(images) };
  },

  async run(options, context) {
    const { connection, name, images } = options;
    const cluster = await context.cluster(connection);
    const set = await cluster.get(kinds.statefulSet, { name });
    const naming = namingFor(context.program, cluster, connection)(set.metadata.namespace ?? "");
    const change = {
      set,
      title: [...images].map(([container, image]) => `${container} → ${image}`).join(", "),
      notes: [],
      unchanged: "the images are these already; nothing to change",
      template: (current: typeof set) => imagesPatch(current, images),
      subject: `statefulset.apps/${name} image`,
      verb: "updated",
      back: backStep(set, naming, options.staging !== undefined),
    };
    return changeTemplate(context, cluster, change, options);
  },
});
