import type { Cluster } from "../../../cluster/index.js";
import type { Context } from "../../../context.js";
import { idleSince, idlenessNeedsEvents } from "../../../core/claims/age.js";
import { byPlace, classifier } from "../../../core/claims/classify.js";
import type { SetFacts } from "../../../core/claims/facts.js";
import { statesOf } from "../../../core/claims/states.js";
import type { ReclaimPolicies } from "../../../core/claims/volumes.js";
import { ownCommand, type Naming } from "../../../core/progress/naming.js";
import { claimItem, claimsTable, type ListedClaim } from "../../../view/claims/table.js";
import { claimsGraph } from "../../../view/claims/graph.js";
import { claimsSummary, type ClaimCommands } from "../../../view/claims/summary.js";
import { asciiText } from "../../../view/claims/symbols.js";
import { formatDocument } from "../../../view/output.js";
import { sortBy } from "../../../view/output-sort.js";
import { lookOf } from "../../../view/progress/look.js";
import { namingFor } from "../../shared/naming.js";
import { checkNames, isClaimOf, scopeOf, scopeWords, setFilter } from "../choose.js";
import type { ListOptions } from "./options.js";
import { readClaims, readDeletionsFor, readPolicies } from "../read.js";

/** What was asked for, read and judged. */
interface Found {
  claims: ListedClaim[];
  /** The sets that were asked for and exist. */
  sets: SetFacts[];
  policies: ReclaimPolicies;
}

/** One run of the command. */
interface Job {
  options: ListOptions;
  context: Context;
  cluster: Cluster;
}

/** Reads the claims that are asked for, and prints them. */
export async function listClaims(options: ListOptions, context: Context, cluster: Cluster): Promise<void> {
  const job = { options, context, cluster };
  const found = await findClaims(job);
  const { output } = options;
  if (output.type === "name") {
    return context.out.write(
      found.claims.map(({ claim }) => `persistentvolumeclaim/${claim.name}\n`).join(""),
    );
  }
  if (output.type !== "table" && output.type !== "wide") {
    const items = found.claims.map((claim) => claimItem(claim, found.policies));
    return context.out.write(formatDocument(output, { items }, options.headers));
  }
  return options.graph ? printGraph(found, job) : printTable(found, job);
}

async function findClaims(job: Job): Promise<Found> {
  const { options, context, cluster } = job;
  const { scope, states, output } = options;
  const [{ surroundings, claims }, policies, isChosen] = await Promise.all([
    readClaims(context, cluster, scopeOf(scope, cluster)),
    output.type === "name" ? undefined : readPolicies(context, cluster),
    setFilter(cluster, scope),
  ]);
  const all = claims.map(classifier(surroundings, claims)).filter((one) => isClaimOf(one, isChosen));
  await checkNames(cluster, scope, surroundings.sets, all);
  const ofStates = all.filter(
    (one) => states.length === 0 || statesOf(one).some((state) => states.includes(state)),
  );
  const dated = await withAges(ofStates.sort(byPlace), job);
  return {
    claims: ordered(dated, policies, options),
    sets: surroundings.sets.filter(({ namespace, name }) => isChosen(namespace, name)),
    policies,
  };
}

/** Events are read only where an age is shown or asked for, and a claim's own fields do not tell it. */
async function withAges(claims: ListedClaim[], { options, context, cluster }: Job): Promise<ListedClaim[]> {
  const { olderThan, sortBy: order, output, scope } = options;
  const needed = olderThan !== undefined || order !== undefined;
  if (!needed && (output.type === "table" || output.type === "name")) return claims;
  const range = scopeOf(scope, cluster);
  const deletions = await readDeletionsFor(claims, context, cluster, range, idlenessNeedsEvents);
  const now = context.clock.now();
  const dated = claims.map((claim) => ({ ...claim, unused: idleSince(claim, deletions, now) }));
  if (olderThan === undefined) return dated;
  return dated.filter(({ unused }) => unused !== undefined && now - unused.since >= olderThan.ms);
}

function ordered(
  claims: ListedClaim[],
  policies: ReclaimPolicies,
  { sortBy: path }: ListOptions,
): ListedClaim[] {
  if (path === undefined) return claims;
  const items = claims.map((claim) => ({ ...claimItem(claim, policies), claim }));
  return sortBy(items, path).map(({ claim }) => claim);
}

function printTable(found: Found, job: Job): void {
  const { claims, policies } = found;
  const { options, context } = job;
  const { out, err, clock } = context;
  if (claims.length === 0) return err.write(nothingFound(options));
  const wide = options.output.type === "wide";
  const { theme, ascii, columns } = lookOf(out);
  const table = claimsTable(claims, {
    ...{ policies, now: clock.now(), wide, unused: options.olderThan !== undefined },
    ...{ allNamespaces: options.scope.allNamespaces, headers: options.headers, theme, ascii },
    columns: out.isTerminal && !wide ? columns : undefined,
  });
  out.write(table);
  printSummary(found, job);
}

function printGraph(found: Found, job: Job): void {
  const { options, context, cluster } = job;
  const { claims, sets, policies } = found;
  const naming = namingFor(context.program, cluster, options.connection);
  const graph = claimsGraph(claims, sets, {
    policies,
    look: lookOf(context.out),
    commandsFor: ({ namespace, name }) => commandsFor(naming(namespace), [name], options),
  });
  if (graph === "") return context.err.write(nothingFound(options));
  context.out.write(graph);
  if (new Set(claims.map(({ claim, set }) => `${claim.namespace}/${set}`)).size > 1) {
    printSummary(found, job);
  }
}

function printSummary(found: Found, { options, context, cluster }: Job): void {
  const { scope, connection } = options;
  const { err, program } = context;
  const naming = namingFor(program, cluster, connection)(cluster.namespace);
  const commands = commandsFor(
    scope.allNamespaces ? { ...naming, namespace: undefined } : naming,
    scopeWords(scope),
    options,
  );
  const room = err.isTerminal ? err.columns : Infinity;
  // A command that has no room on its line gets one of its own, where it can be copied whole.
  const text = claimsSummary(found.claims, found.policies, commands)
    .map((line) => (line.length <= room ? line : line.replace(`: ${program} `, `:\n  ${program} `)))
    .join("\n");
  err.write(`${err.ascii ? asciiText(text) : text}\n`);
}

function commandsFor(naming: Naming, words: readonly string[], { olderThan }: ListOptions): ClaimCommands {
  const command = (...parts: readonly string[]) => ownCommand(naming, parts.join(" "));
  return {
    cleanup: (include) =>
      command(
        ...["pvc cleanup", ...words],
        ...(include.length > 0 ? [`--include=${include.join(",")}`] : []),
        ...(olderThan === undefined ? [] : [`--older-than=${olderThan.text}`]),
      ),
    why: (state) => command("pvc list", ...words, `--state=${state}`, "-o wide"),
  };
}

function nothingFound({ states, olderThan, scope }: ListOptions): string {
  const which = states.length > 0 ? `${states.join(" or ")} ` : "";
  const whose = scope.names.length > 0 ? scope.names.join(", ") : "StatefulSets";
  const unused = olderThan === undefined ? "" : ", unused for so long,";
  return `No ${which}claims of ${whose}${unused} found${scope.allNamespaces ? "" : " in this namespace"}.\n`;
}
