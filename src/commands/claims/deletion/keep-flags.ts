import { UsageError } from "../../../core/errors.js";
import type { Flag } from "../../shared/command.js";
import type { Input } from "../../shared/input.js";

/** Flags of every command that deletes claims on request. */
export const keepFlags: readonly Flag[] = [
  {
    name: "backup",
    completes: "directory",
    value: "DIR",
    help: "first save the claims and their volumes there: the objects, not the data",
  },
  { name: "keep-data", help: "first set the volumes' reclaim policy to Retain, so that the data stays" },
];

/** What is done before a claim is deleted. */
export interface KeepOptions {
  /** The folder to save claims and volumes in. */
  backup?: string | undefined;
  /** Make the volumes outlive their claims. */
  keepData?: boolean;
}

export function readKeepOptions(input: Input): KeepOptions {
  const backup = input.text("backup");
  if (backup === "") throw new UsageError("--backup needs the name of a directory");
  return { backup, keepData: input.boolean("keep-data") };
}
