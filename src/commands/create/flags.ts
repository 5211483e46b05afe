import { dryRunFlag, waitFlags } from "../shared/flags.js";
import type { Flag } from "../shared/command.js";
import { manifestFlags } from "../shared/manifests.js";
import { outputFlag } from "../shared/output.js";

export const outputFormats = ["yaml", "json", "name", "jsonpath", "jsonpath-file"] as const;

/** Flags that describe the set; with `-f` the manifests do. */
export const setFlags: readonly Flag[] = [
  {
    name: "image",
    value: "[NAME=]IMAGE",
    repeat: true,
    help: "image of a container; what follows is about the first",
  },
  { name: "replicas", value: "N", help: "how many pods (default 1)" },
  {
    name: "port",
    value: "[NAME:]PORT[/PROTO]",
    repeat: true,
    help: "port of the container and of the Service",
  },
  { name: "service", value: "NAME", help: "headless Service (default: the set's name); used if it exists" },
  { name: "env", value: "NAME=VALUE", repeat: true, help: "environment variable" },
  {
    name: "env-from",
    value: "SOURCE",
    repeat: true,
    help: "all of configmap/NAME or secret/NAME as environment",
  },
  {
    name: "labels",
    value: "K=V,…",
    repeat: true,
    help: "labels of everything (app is the set's name unless given)",
  },
  { name: "requests", value: "R=Q,…", repeat: true, help: "what is reserved: cpu=100m,memory=256Mi" },
  { name: "limits", value: "R=Q,…", repeat: true, help: "what is allowed: cpu=1,memory=1Gi" },
  { name: "service-account", value: "NAME", help: "ServiceAccount of the pods" },
  {
    name: "storage",
    value: "NAME=SIZE:PATH",
    repeat: true,
    help: "a claim for each pod, mounted at PATH; also ,class=CLASS and ,mode=RWO|ROX|RWX|RWOP",
  },
  {
    name: "mount",
    value: "SOURCE:PATH",
    repeat: true,
    help: "mounts configmap/NAME, secret/NAME or emptydir at PATH",
  },
  { name: "readiness", value: "PROBE", help: "ready when http:PORT/PATH, tcp:PORT or exec:COMMAND answers" },
  { name: "liveness", value: "PROBE", help: "restarted when it does not answer (as --readiness)" },
  { name: "startup", value: "PROBE", help: "started when it answers (as --readiness)" },
  {
    name: "pod-management",
    value: "POLICY",
    choices: ["OrderedReady", "Parallel"],
    help: "one pod after the other, or all at once",
  },
  {
    name: "strategy",
    value: "TYPE",
    choices: ["RollingUpdate", "OnDelete"],
    help: "how updates reach the pods",
  },
  { name: "partition", value: "N", help: "updates leave the first N pods alone" },
  { name: "max-unavailable", value: "N|P%", help: "pods that an update may take at once" },
  { name: "min-ready-seconds", value: "N", help: "a pod counts after it was ready this long" },
  { name: "start-ordinal", value: "N", help: "the lowest ordinal (default 0)" },
  { name: "grace-period", value: "SECONDS", help: "how long a pod may take to stop" },
  {
    name: "pvc-retention",
    value: "POLICY",
    repeat: true,
    help: "scaled=Retain|Delete,deleted=Retain|Delete",
  },
  { name: "revision-history-limit", value: "N", help: "old revisions that are kept" },
  {
    name: "anti-affinity",
    value: "STRENGTH",
    help: "preferred or required, with :TOPOLOGYKEY: pods apart from each other",
  },
  {
    name: "spread",
    value: "TOPOLOGYKEY",
    repeat: true,
    help: "spreads the pods evenly, such as over topology.kubernetes.io/zone",
  },
  { name: "pdb", value: "BUDGET", help: "a PodDisruptionBudget: max-unavailable=N or min-available=N" },
];

export const createFlags: readonly Flag[] = [
  ...manifestFlags,
  ...setFlags,
  { name: "no-service", help: "make no headless Service" },
  dryRunFlag,
  outputFlag(outputFormats),
  { name: "field-manager", value: "NAME", help: "name of who owns the fields (default sts)" },
  ...waitFlags,
];
