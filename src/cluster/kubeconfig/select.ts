import { KubeconfigError } from "../errors.js";
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from "./file.js";
import type { ConnectionFlags } from "./flags.js";

export interface Selection {
  contextName: string;
  context: ContextEntry;
  clusterName: string;
  cluster: ClusterEntry;
  userName: string;
  user: UserEntry;
}

/** Finds the context, cluster and user that flags and kubeconfig name. Throws a `KubeconfigError` for a name that is not there. */
export function select(config: Kubeconfig, flags: ConnectionFlags): Selection {
  const contextName = flags.context || config.currentContext;
  const context = config.contexts.get(contextName);
  if (!context && contextName) {
    throw new KubeconfigError(
      `Error in configuration: context was not found for specified context: ${contextName}\n` +
        `The kubeconfig has: ${names(config.contexts)}. Choose one with --context, or set current-context.`,
    );
  }
  const wantedBy = (what: string, name: string) =>
    new KubeconfigError(
      `Error in configuration: ${what} "${name}" was not found for context "${contextName}"`,
    );

  const clusterName = flags.cluster || context?.cluster || "";
  const cluster = config.clusters.get(clusterName);
  if (!cluster && flags.cluster) throw missing("cluster", flags.cluster, config.clusters);
  if (!cluster && clusterName && !flags.server) throw wantedBy("cluster", clusterName);

  const userName = flags.user || context?.user || "";
  const user = config.users.get(userName);
  if (!user && flags.user) throw missing("auth info", flags.user, config.users);
  if (!user && userName) throw wantedBy("user", userName);

  return {
    contextName,
    context: context ?? { all: {} },
    clusterName,
    cluster: cluster ?? { all: {} },
    userName,
    user: user ?? { all: {} },
  };
}

function missing(what: string, name: string, known: ReadonlyMap<string, unknown>): KubeconfigError {
  return new KubeconfigError(`error: ${what} "${name}" does not exist\nThe kubeconfig has: ${names(known)}.`);
}

const names = (known: ReadonlyMap<string, unknown>): string => [...known.keys()].join(", ") || "none";
