import { readScaleOptions, scaleFlags, type ScaleOptions } from "./scale/options.js";
import { scaleSets } from "./scale/run.js";
import { defineCommand } from "./shared/command.js";

/** Scales through the scale subresource and follows the pods until the set is there. */
export const scaleCommand = defineCommand<ScaleOptions>({
  args: "NAME…",
  completes: "statefulset",
  examples: `
# To five replicas, a row for each ordinal
sts scale web --replicas=5

# Only if there are three now, and give up after ten minutes
sts scale web --current-replicas=3 --replicas=5 --timeout=10m

# Up, without the data that earlier replicas left behind; shows their claims and asks
sts scale web --replicas=5 --fresh

# From a script that goes on by itself
sts scale web --replicas=0 --wait=false`,
  flags: scaleFlags,
  options: readScaleOptions,
  run: scaleSets,
});
