import type { Context } from "../../context.js";
import { UsageError } from "../../core/errors.js";
import { parseOutput, parseOutputFile, type OutputFormat, type OutputName } from "../../view/output.js";
import type { Flag } from "./command.js";
import type { Input } from "./input.js";

/** `-o` with the formats that a command knows. */
export function outputFlag(formats: readonly OutputName[]): Flag {
  const shown = formats.map((format) =>
    format.includes("path") || format.includes("col") ? `${format}=…` : format,
  );
  return { name: "output", short: "o", value: "FORMAT", help: `output format: ${shown.join(", ")}` };
}

export function readOutput(input: Input, formats: readonly OutputName[]): OutputFormat {
  return parseOutput(input.text("output"), formats);
}

/** Reads the file that `-o jsonpath-file=…` or `-o custom-columns-file=…` names; every other format is as it is. */
export async function loadOutput(context: Context, format: OutputFormat): Promise<OutputFormat> {
  if (format.type !== "jsonpath-file" && format.type !== "custom-columns-file") return format;
  try {
    return parseOutputFile(format.type, (await context.files.read(format.path)).toString("utf8"));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`-o ${format.type}: the path "${format.path}" cannot be read`);
  }
}
