import { UsageError } from "../../core/errors.js";
import type { OutputFormat } from "../../view/output.js";
import { readTemplateOptions, templateFlags, type TemplateOptions } from "../rollout/template-change.js";
import type { Flag } from "../shared/command.js";
import type { Input } from "../shared/input.js";
import { manifestFlags, readManifestFlags, type ManifestSource } from "../shared/manifests.js";
import { outputFlag, readOutput } from "../shared/output.js";

const outputFormats = ["yaml", "json", "name", "jsonpath", "jsonpath-file"] as const;

/** Flags of every command that applies manifests, if only as a trial. */
export const bundleFlags: readonly Flag[] = [
  ...manifestFlags,
  { name: "no-service", help: "make no headless Service" },
  { name: "field-manager", value: "NAME", help: "name of who owns the fields (default sts)" },
];

export const applyFlags: readonly Flag[] = [
  ...bundleFlags,
  { name: "force-conflicts", help: "take fields over from other field managers" },
  outputFlag(outputFormats),
  ...templateFlags,
];

export interface BundleOptions {
  files: ManifestSource;
  makeServices: boolean;
  fieldManager: string;
}

export interface ApplyOptions extends BundleOptions, TemplateOptions {
  output: OutputFormat;
  forceConflicts: boolean;
}

/** Throws a UsageError without `-f`. */
export function readBundleOptions(input: Input): BundleOptions {
  const files = readManifestFlags(input);
  if (!files) throw new UsageError("-f FILE is needed: the manifests to apply");
  const [argument] = input.args;
  if (argument !== undefined) throw new UsageError(`"${argument}": manifests are given with -f`);
  const fieldManager = input.text("field-manager") ?? "sts";
  if (fieldManager === "") throw new UsageError("--field-manager: a name is needed");
  return { files, makeServices: !input.boolean("no-service"), fieldManager };
}

export function readApplyOptions(input: Input): ApplyOptions {
  return {
    ...readBundleOptions(input),
    ...readTemplateOptions(input),
    output: readOutput(input, outputFormats),
    forceConflicts: input.boolean("force-conflicts"),
  };
}
