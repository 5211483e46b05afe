import { UsageError } from "../../core/errors.js";
import type { Flag } from "../shared/command.js";
import type { Input } from "../shared/input.js";

/** Which containers of the template a command changes, as in `kubectl set`. */
export const containersFlag: Flag = {
  name: "containers",
  short: "c",
  value: "PATTERN",
  help: "containers by name, * for any part of it (default: all but the init containers)",
};

export function readContainers(input: Input): string {
  const pattern = input.text("containers") ?? "*";
  if (pattern === "") throw new UsageError("--containers: the name of a container is needed");
  return pattern;
}
