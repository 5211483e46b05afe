import type { ConnectionFlags } from "../../../cluster/index.js";
import { claimStates, type ClaimState } from "../../../core/claims/states.js";
import { UsageError } from "../../../core/errors.js";
import { parseRelaxedPath } from "../../../view/jsonpath.js";
import { listFormats, type OutputFormat } from "../../../view/output.js";
import type { Flag } from "../../shared/command.js";
import { readConnection } from "../../shared/flags.js";
import type { Input } from "../../shared/input.js";
import { outputFlag, readOutput } from "../../shared/output.js";
import { claimScopeFlags, readClaimScope, type ClaimScope } from "../choose.js";

/** Those that are ever shown. */
const shownStates = claimStates.filter((state) => state !== "not-ours");

export const listFlags: readonly Flag[] = [
  ...claimScopeFlags,
  { name: "state", value: "STATE,…", repeat: true, help: `only these states: ${shownStates.join(", ")}` },
  { name: "older-than", value: "DURATION", help: "only claims that nobody has used for so long, such as 7d" },
  { name: "sort-by", value: "PATH", help: "order by a field of -o json, such as .size or .unusedSince" },
  { name: "graph", help: "a map of ordinals and templates for each set" },
  outputFlag(listFormats),
  { name: "no-headers", help: "no line of headings" },
];

export interface ListOptions {
  connection: ConnectionFlags;
  scope: ClaimScope;
  /** Empty: all of them. */
  states: ClaimState[];
  /** In milliseconds and as it was typed; undefined: those in use, too. */
  olderThan: { ms: number; text: string } | undefined;
  /** A path into what `-o json` gives of a claim; undefined: by set, template and ordinal. */
  sortBy: string | undefined;
  graph: boolean;
  output: OutputFormat;
  headers: boolean;
}

export function readListOptions(input: Input): ListOptions {
  const graph = input.boolean("graph");
  const others = ["output", "no-headers", "state", "older-than", "sort-by"].filter((flag) =>
    input.given(flag),
  );
  if (graph && others.length > 0) {
    throw new UsageError(`--graph is a whole map: it does not go together with --${others[0]}`);
  }
  const sortBy = input.text("sort-by");
  if (sortBy !== undefined) parseRelaxedPath(sortBy);
  const ms = input.duration("older-than");
  return {
    connection: readConnection(input),
    scope: readClaimScope(input),
    states: input.commaList("state").map(readState),
    olderThan: ms === undefined ? undefined : { ms, text: input.text("older-than") ?? "" },
    sortBy,
    graph,
    output: readOutput(input, listFormats),
    headers: !input.boolean("no-headers"),
  };
}

function readState(text: string): ClaimState {
  const state = shownStates.find((candidate) => candidate === text);
  if (!state) throw new UsageError(`--state: "${text}" is not one of ${shownStates.join(", ")}`);
  return state;
}
