import { claimName, claimTemplateNames, dnsName, inRange, ordinalRange } from "../identity.js";
import type { Autoscaler, Claim, ControllerRevision, EndpointSlice, Service, StatefulSet } from "../model.js";
import { restartCount } from "../pod-state.js";
import { createBoard } from "../progress/board.js";
import { diagnose, type Diagnosed } from "../progress/diagnosis.js";
import { ownCommand, type Naming } from "../progress/naming.js";
import type { Snapshot } from "../progress/snapshot.js";
import type { NextStep, Verdict } from "../progress/verdict.js";
import { podRevision } from "../revision.js";
import { heldBy } from "../rollout/held.js";
import { formatOrdinals } from "../rollout/ordinals.js";
import { heldPods, partitionOf, updatedPods } from "../rollout/partition.js";
import { idleClaims } from "./left-over.js";
import type { ClaimReport, PodReport, RevisionReport, ServiceReport, StatusReport } from "./report.js";

/** What is known around a set. Undefined: it could not be read. */
export interface StatusFacts {
  set: StatefulSet;
  snapshot: Snapshot;
  verdict: Verdict;
  revisions: readonly ControllerRevision[] | undefined;
  /** The Service with the name that the set gives; empty where it does not exist. */
  services: readonly Service[] | undefined;
  slices: readonly EndpointSlice[] | undefined;
  /** Of the namespace. */
  autoscalers: readonly Autoscaler[] | undefined;
  naming: Naming;
}

/** Everything about a set on one page. */
export function buildStatus(facts: StatusFacts): StatusReport {
  const { set, verdict } = facts;
  const { spec, status } = set;
  const pods = podReports(facts);
  const idle = idleClaims(set, facts.snapshot, facts.autoscalers);
  return {
    v: 1,
    namespace: facts.snapshot.namespace,
    name: set.metadata.name,
    images: (spec.template.spec?.containers ?? []).map(({ image }) => image ?? ""),
    replicas: spec.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
    available: status?.availableReplicas ?? 0,
    updated: pods.filter(({ revision }) => revision?.role === "update" || revision?.role === "both").length,
    podManagementPolicy: spec.podManagementPolicy ?? "OrderedReady",
    strategy: strategyReport(facts),
    revisions: {
      current: revisionReport(status?.currentRevision, facts),
      update: revisionReport(status?.updateRevision, facts),
    },
    service: serviceReport(facts),
    claimTemplates: (spec.volumeClaimTemplates ?? []).map((template) => ({
      name: template.metadata?.name ?? "",
      size: template.spec?.resources?.requests?.["storage"] ?? "",
    })),
    leftOverClaims: idle.leftOver,
    heldClaims: idle.held,
    verdict: {
      state: verdict.state,
      reason: verdict.reason,
      message: verdict.message,
      ordinal: verdict.ordinal ?? null,
    },
    next: nextCommands(facts, idle.leftOver),
    pods,
  };
}

function strategyReport({ set, naming }: StatusFacts): StatusReport["strategy"] {
  const { type = "RollingUpdate", rollingUpdate } = set.spec.updateStrategy ?? {};
  const partition = partitionOf(set);
  const staged = type === "RollingUpdate" && partition > 0;
  return {
    type,
    partition: type === "RollingUpdate" ? partition : null,
    maxUnavailable: rollingUpdate?.maxUnavailable ?? null,
    updatedByPartition: staged ? updatedPods(set) : null,
    heldByPartition: staged ? heldPods(set) : null,
    hold: heldBy(set, naming)?.words ?? null,
  };
}

function revisionReport(name: string | undefined, { revisions }: StatusFacts): RevisionReport | null {
  if (!name) return null;
  const found = revisions?.find(({ metadata }) => metadata.name === name);
  return { name, revision: found?.revision ?? null };
}

function serviceReport({ set, services, slices }: StatusFacts): ServiceReport | null {
  const name = set.spec.serviceName;
  if (!name) return null;
  const service = services?.find(({ metadata }) => metadata.name === name);
  const endpoints = slices?.flatMap((slice) => slice.endpoints ?? []);
  const ready = endpoints?.filter(({ conditions }) => conditions?.ready !== false);
  return {
    name,
    exists: services === undefined ? null : service !== undefined,
    headless: service?.spec.clusterIP === "None",
    endpoints: endpoints?.length ?? null,
    readyEndpoints: ready?.length ?? null,
  };
}

function podReports(facts: StatusFacts): PodReport[] {
  const ordinals = diagnose(facts.snapshot);
  const board = createBoard({
    ...{ title: "", notes: [], snapshot: facts.snapshot, ordinals, verdict: facts.verdict },
    ...{ direction: "up", gone: [], elapsedMs: 0, finished: false },
  });
  return ordinals.map((ordinal, index) => podReport(ordinal, board.rows[index], facts));
}

type BoardRow = ReturnType<typeof createBoard>["rows"][number];

function podReport(standing: Diagnosed, row: BoardRow | undefined, facts: StatusFacts): PodReport {
  const { ordinal, name, wanted, pod } = standing;
  const { set, snapshot } = facts;
  const service = set.spec.serviceName;
  return {
    ordinal,
    name,
    wanted,
    state: row?.state ?? "",
    tone: row?.tone ?? "held",
    ready: row?.ready || null,
    revision: pod ? podRevisionReport(podRevision(pod), facts) : null,
    restarts: pod ? restartCount(pod) : 0,
    createdAt: pod?.metadata.creationTimestamp ?? null,
    node: pod?.spec.nodeName ?? null,
    claims: claimTemplateNames(set).map((template) =>
      claimReport(claimName(template, set.metadata.name, ordinal), snapshot.claims),
    ),
    dns: service ? dnsName(name, service, snapshot.namespace) : null,
  };
}

function podRevisionReport(name: string | undefined, facts: StatusFacts): PodReport["revision"] {
  const report = revisionReport(name, facts);
  if (!report) return null;
  const { currentRevision, updateRevision } = facts.set.status ?? {};
  const [current, update] = [name === currentRevision, name === updateRevision];
  const role = current && update ? "both" : update ? "update" : current ? "current" : "other";
  return { ...report, role };
}

function claimReport(name: string, claims: ReadonlyMap<string, Claim>): ClaimReport {
  const claim = claims.get(name);
  if (!claim) return { name, size: "", phase: "Missing" };
  const terminating = claim.metadata.deletionTimestamp !== undefined;
  return {
    name,
    size: sizeOf(claim),
    phase: terminating ? "Terminating" : (claim.status?.phase ?? "Pending"),
  };
}

function sizeOf({ spec, status }: Claim): string {
  return status?.capacity?.["storage"] ?? spec.resources?.requests?.["storage"] ?? "";
}

function nextCommands({ set, verdict, naming, snapshot }: StatusFacts, left: readonly string[]): string[] {
  const { name } = set.metadata;
  const ways = heldBy(set, naming)?.next ?? [];
  if (verdict.state !== "Done") {
    const watch = { label: "watch", command: ownCommand(naming, `rollout status ${name}`) };
    const steps = verdict.next.length > 0 ? verdict.next : [watch];
    // To see more is what this page is for.
    const here = ownCommand(naming, `status ${name}`);
    const others = steps.filter(({ command }) => command !== here);
    return commandsOf([...others, ...ways.filter(({ label }) => label === "go back")]);
  }
  const { currentRevision, updateRevision } = set.status ?? {};
  const differ = currentRevision !== updateRevision;
  const partitioned =
    differ && ordinalRange(set).partition > 0 && set.spec.updateStrategy?.type !== "OnDelete";
  const outdated = [...snapshot.pods]
    .filter(([ordinal, pod]) => inRange(ordinalRange(set), ordinal) && podRevision(pod) !== updateRevision)
    .map(([ordinal]) => ordinal);
  const onDelete = set.spec.updateStrategy?.type === "OnDelete" && outdated.length > 0;
  const restart = `rollout restart ${name} --ordinals=${formatOrdinals(outdated)}`;
  return [
    ...commandsOf([...verdict.next, ...ways]),
    ...(partitioned && ways.length === 0 ? [ownCommand(naming, `rollout promote ${name}`)] : []),
    ...(onDelete ? [ownCommand(naming, restart)] : []),
    ...(left.length > 0 ? [ownCommand(naming, `pvc cleanup ${name}`)] : []),
  ];
}

function commandsOf(steps: readonly NextStep[]): string[] {
  return [...new Set(steps.map(({ command }) => command))];
}
