import type { ConnectionFlags } from "../cluster/index.js";
import type { Context } from "../context.js";
import { byPlace, classifier, type ClassifiedClaim } from "../core/claims/classify.js";
import { claimStates, type ClaimState } from "../core/claims/states.js";
import type { ReclaimPolicies } from "../core/claims/volumes.js";
import { UsageError } from "../core/errors.js";
import { claimItem, claimsSummary, claimsTable } from "../view/claims.js";
import { toYaml } from "../view/yaml.js";
import {
  checkNames,
  claimFilter,
  claimScopeFlags,
  readClaimScope,
  scopeOf,
  type ClaimScope,
} from "./claims/choose.js";
import { readClaims, readPolicies } from "./claims/read.js";
import { defineCommand } from "./shared/command.js";
import { readConnection } from "./shared/flags.js";
import type { Input } from "./shared/input.js";

const outputs = ["wide", "json", "yaml", "name"] as const;

interface Options {
  connection: ConnectionFlags;
  scope: ClaimScope;
  /** Empty: all of them. */
  states: ClaimState[];
  output: (typeof outputs)[number] | undefined;
  headers: boolean;
}

/** Every claim of the sets, with what it is to them and what deleting it would do. */
export const pvcListCommand = defineCommand<Options>({
  path: "pvc list",
  group: "claims",
  summary: "List the claims of StatefulSets: in use, kept, left over, and what deleting one would do",
  args: "[NAME…]",
  completes: "statefulset",
  examples: `
# The claims of one set
sts pvc list web

# What was left over by scaling down, in all namespaces, with reasons
sts pvc list -A --state=scaled-down -o wide`,
  flags: [
    ...claimScopeFlags,
    {
      name: "state",
      value: "STATE,…",
      repeat: true,
      help: `only these states: ${claimStates.slice(0, -1).join(", ")}`,
    },
    { name: "output", short: "o", value: "FORMAT", choices: outputs, help: "how to print it" },
    { name: "no-headers", help: "do not print the column titles" },
  ],

  options: (input) => ({
    connection: readConnection(input),
    scope: readClaimScope(input),
    states: readStates(input),
    output: input.oneOf("output", outputs),
    headers: !input.boolean("no-headers"),
  }),

  async run(options, context) {
    const cluster = await context.cluster(options.connection);
    const [{ surroundings, claims }, policies, isChosen] = await Promise.all([
      readClaims(context, cluster, scopeOf(options.scope, cluster)),
      readPolicies(context, cluster),
      claimFilter(cluster, options.scope),
    ]);
    const all = claims.map(classifier(surroundings, claims)).filter(isChosen);
    await checkNames(cluster, options.scope, surroundings.sets, all);
    const wanted = all.filter(({ state }) => options.states.length === 0 || options.states.includes(state));
    print(wanted.sort(byPlace), policies, options, context);
    return 0;
  },
});

function readStates(input: Input): ClaimState[] {
  return input.commaList("state").map((text) => {
    const state = claimStates.find((candidate) => candidate === text && candidate !== "not-ours");
    if (!state)
      throw new UsageError(`--state: "${text}" is not one of ${claimStates.slice(0, -1).join(", ")}`);
    return state;
  });
}

function print(
  claims: ClassifiedClaim[],
  policies: ReclaimPolicies,
  options: Options,
  context: Context,
): void {
  const { output, scope, headers } = options;
  const { out, err } = context;
  const document = () => ({ items: claims.map((claim) => claimItem(claim, policies)) });
  if (output === "json") return out.write(`${JSON.stringify(document(), undefined, 4)}\n`);
  if (output === "yaml") return out.write(toYaml(document()));
  if (output === "name") {
    return out.write(claims.map(({ claim }) => `persistentvolumeclaim/${claim.name}\n`).join(""));
  }
  if (claims.length === 0) return err.write(nothingFound(options));
  const columns = out.isTerminal ? out.columns : undefined;
  const view = { policies, now: context.clock.now(), wide: output === "wide", headers, columns };
  out.write(claimsTable(claims, { ...view, allNamespaces: scope.allNamespaces }));
  const words = ["pvc cleanup", ...(scope.allNamespaces ? ["-A"] : []), ...scope.names];
  err.write(`${claimsSummary(claims, `${context.program} ${words.join(" ")}`)}\n`);
}

function nothingFound({ states, scope }: Options): string {
  const which = states.length > 0 ? `${states.join(" or ")} ` : "";
  const whose = scope.names.length > 0 ? scope.names.join(", ") : "StatefulSets";
  return `No ${which}claims of ${whose} found${scope.allNamespaces ? "" : " in this namespace"}.\n`;
}
