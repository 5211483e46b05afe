import { UsageError } from "../../core/errors.js";
import { mostReplicas } from "../../core/manifest/check-set.js";
import { serviceNameProblem, setNameProblem, subdomainProblem } from "../../core/manifest/names.js";
import { checkName } from "../../core/manifest/parse.js";
import {
  checkRequests,
  parseAmounts,
  parseEnv,
  parseImages,
  parsePorts,
  parseProbe,
  parseSourceRef,
  type Port,
} from "../../core/manifest/parse-container.js";
import {
  checkMountPaths,
  parseAntiAffinity,
  parseMounts,
  parseSpread,
  parseStorage,
} from "../../core/manifest/parse-pod.js";
import {
  parseBudget,
  parseLabels,
  parseMaxUnavailable,
  parseRetention,
} from "../../core/manifest/parse-set.js";
import type { SetOptions } from "../../core/manifest/set-options.js";
import { readOneSetName } from "../shared/flags.js";
import type { Input } from "../shared/input.js";

/** What the flags of `create NAME --image=…` say. Throws a UsageError for the first that cannot be used. */
export function readSetOptions(input: Input): SetOptions {
  const name = readOneSetName(input);
  const problem = setNameProblem(name);
  if (problem) throw new UsageError(`the name "${name}" ${problem}`);
  const ports = parsePorts(input.list("port"));
  return {
    name,
    namespace: input.text("namespace"),
    service: readService(input, name),
    labels: parseLabels("labels", input.list("labels")),
    replicas: input.integer("replicas", { min: 0, max: mostReplicas }) ?? 1,
    ...readContainer(input, ports),
    ...readPod(input),
    ...readPolicies(input),
  };
}

/** A set's name is a good name for its Service, unless it begins with a digit. */
function readService(input: Input, set: string): string {
  const given = input.text("service");
  if (given !== undefined) return checkName("service", given, serviceNameProblem);
  if (serviceNameProblem(set) && !input.boolean("no-service")) {
    throw new UsageError(
      `a Service cannot be called "${set}" (it must start with a letter): add --service=NAME`,
    );
  }
  return set;
}

function readContainer(input: Input, ports: Port[]) {
  const requests = parseAmounts("requests", input.list("requests"));
  const limits = parseAmounts("limits", input.list("limits"));
  checkRequests(requests, limits);
  const probe = (flag: string) => {
    const value = input.text(flag);
    return value === undefined ? undefined : parseProbe(flag, value, ports);
  };
  return {
    containers: parseImages(input.list("image")),
    command: input.rest,
    ports,
    env: parseEnv(input.list("env")),
    envFrom: input.list("env-from").map((value) => parseSourceRef("env-from", value)),
    requests,
    limits,
    probes: { readiness: probe("readiness"), liveness: probe("liveness"), startup: probe("startup") },
  };
}

function readPod(input: Input) {
  const storage = parseStorage(input.list("storage"));
  const mounts = parseMounts(input.list("mount"));
  checkMountPaths(storage, mounts);
  const serviceAccount = input.text("service-account");
  const antiAffinity = input.text("anti-affinity");
  if (serviceAccount !== undefined) checkName("service-account", serviceAccount, subdomainProblem);
  return {
    storage,
    mounts,
    serviceAccount,
    gracePeriod: input.integer("grace-period"),
    antiAffinity: antiAffinity === undefined ? undefined : parseAntiAffinity(antiAffinity),
    spread: parseSpread(input.list("spread")),
  };
}

function readPolicies(input: Input) {
  const strategy = input.oneOf("strategy", ["RollingUpdate", "OnDelete"] as const);
  for (const flag of ["partition", "max-unavailable"]) {
    if (strategy === "OnDelete" && input.given(flag)) {
      throw new UsageError(`--${flag} has no meaning with --strategy=OnDelete: leave one of them out`);
    }
  }
  const maxUnavailable = input.text("max-unavailable");
  const budget = input.text("pdb");
  return {
    podManagement: input.oneOf("pod-management", ["OrderedReady", "Parallel"] as const),
    strategy,
    partition: input.integer("partition"),
    maxUnavailable: maxUnavailable === undefined ? undefined : parseMaxUnavailable(maxUnavailable),
    minReadySeconds: input.integer("min-ready-seconds"),
    startOrdinal: input.integer("start-ordinal"),
    retention: parseRetention(input.list("pvc-retention")),
    revisionHistoryLimit: input.integer("revision-history-limit"),
    budget: budget === undefined ? undefined : parseBudget(budget),
  };
}
