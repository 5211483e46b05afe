import { selects } from "../kinds/label-selector.js";
import { hasEnded } from "../kinds/pod-phase.js";
import { sinceMinor } from "../kinds/version.js";
import { each, notSupported, required } from "../kinds/validation/errors.js";
import { dnsSubdomain } from "../kinds/validation/names.js";
import type { AnyObject, Target } from "../port.js";
import type { DeleteOptions } from "../store/deletion.js";
import { timestamp } from "../store/environment.js";
import type { Resources, WriteOptions } from "../store/resources.js";
import { badRequest, conflict, StatusError } from "../store/status.js";

/** POST to `pods/NAME/binding`: puts a pod on a node, for good. */
export function bind(resources: Resources, target: Target, binding: AnyObject, options: WriteOptions): void {
  if (binding.metadata?.name !== target.name) {
    throw badRequest("name in URL does not match name in Binding object");
  }
  checkPlace(binding["target"] ?? {}, resources.env.kubernetesVersion);
  const kind = resources.kind("pods");
  const refuse = (why: string) => conflict({ ...kind, resource: "pods/binding" }, target.name, why);
  const { uid, resourceVersion } = resources.get(kind, target).metadata;
  for (const [field, wanted, found] of [
    ["UID", binding.metadata.uid, uid],
    ["ResourceVersion", binding.metadata.resourceVersion, resourceVersion],
  ] as const) {
    if (!wanted || wanted === found) continue;
    const why = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${found}`;
    throw conflict(kind, target.name, why);
  }
  const now = timestamp(resources.env.now());
  const change = (pod: AnyObject) => {
    if (pod.metadata.deletionTimestamp) {
      throw refuse(`pod ${target.name} is being deleted, cannot be assigned to a host`);
    }
    if (pod.spec.nodeName) {
      throw refuse(`pod ${target.name} is already assigned to node "${pod.spec.nodeName}"`);
    }
    pod.spec.nodeName = binding.target?.name;
    if (binding.metadata.annotations) {
      pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
    }
    setCondition(pod, { type: "PodScheduled", status: "True" }, now);
  };
  resources.amend(kind, target, change, { ...options, subresource: "binding" });
}

/** A pod can be put on a node alone. The API's code for this has no status of its own: a plain error, hence 500. */
function checkPlace({ kind, name = "" }: AnyObject, kubernetesVersion: string): void {
  const onNode = !kind || kind === "Node";
  const errors = [
    ...(onNode ? [] : [notSupported("target.kind", kind, ["Node", "<empty>"])]),
    ...(name ? [] : [required("target.name")]),
    ...(name && onNode && sinceMinor(37, kubernetesVersion)
      ? each("target.name", name, dnsSubdomain(name))
      : []),
  ].map(({ field, message }) => `${field}: ${message}`);
  if (errors.length > 0)
    throw new StatusError(500, "", errors.length > 1 ? `[${errors.join(", ")}]` : (errors[0] ?? ""));
}

/** POST to `pods/NAME/eviction`: a delete that heeds disruption budgets. Throws the API's 429 when one forbids it. */
export function evict(resources: Resources, target: Target, eviction: AnyObject, asked: WriteOptions): void {
  const { dryRun: dry = [] } = (eviction.deleteOptions ?? {}) as { dryRun?: string[] };
  const options = dry.includes("All") ? { ...asked, dryRun: true } : asked;
  const { namespace } = eviction.metadata ?? {};
  if (namespace && namespace !== target.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  if (eviction.metadata?.name !== target.name) {
    throw badRequest("name in URL does not match name in Eviction object");
  }
  const kind = resources.kind("pods");
  const pod = resources.get(kind, target);
  const goesAnyway = hasEnded(pod) || pod.status?.phase === "Pending" || pod.metadata.deletionTimestamp;
  if (!goesAnyway) spendBudget(resources, pod, options);
  const wanted: DeleteOptions = { ...eviction.deleteOptions, dryRun: options.dryRun };
  const marked = options.dryRun
    ? pod
    : resources.amend(kind, target, (draft) => markEvicted(draft, resources), options);
  // The condition was written by the server itself: the caller's precondition is about the pod before that.
  const version = wanted.preconditions?.resourceVersion;
  const resourceVersion =
    version === pod.metadata.resourceVersion ? marked.metadata.resourceVersion : version;
  resources.delete(kind, target, { ...wanted, preconditions: { ...wanted.preconditions, resourceVersion } });
}

function markEvicted(pod: AnyObject, resources: Resources): void {
  const reason = "EvictionByEvictionAPI";
  const condition = { type: "DisruptionTarget", status: "True", reason, message: "Eviction API: evicting" };
  setCondition(pod, condition, timestamp(resources.env.now()));
}

function setCondition(pod: AnyObject, condition: { type: string; status: string }, now: string): void {
  const conditions: AnyObject[] = pod.status?.conditions ?? [];
  const others = conditions.filter(({ type }) => type !== condition.type);
  const previous = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = previous?.["status"] === condition.status ? previous["lastTransitionTime"] : now;
  const observed =
    pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation };
  const next = { ...observed, ...condition, lastProbeTime: null, lastTransitionTime };
  pod.status = { ...pod.status, conditions: [...others, next] };
}

function isReady(pod: AnyObject): boolean {
  const conditions: AnyObject[] = pod.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

function spendBudget(resources: Resources, pod: AnyObject, options: WriteOptions): void {
  const kind = resources.kind("poddisruptionbudgets");
  const { namespace = "", labels = {} } = pod.metadata;
  const budgets = resources.list(kind, namespace).filter(({ spec }) => selects(spec?.selector, labels));
  const [budget] = budgets;
  if (!budget) return;
  if (budgets.length > 1) {
    const text =
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new StatusError(500, "", text);
  }
  const {
    currentHealthy = 0,
    desiredHealthy = 0,
    disruptionsAllowed = 0,
    observedGeneration = 0,
  } = budget.status ?? {};
  if (!isReady(pod)) {
    if (budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return;
    if (currentHealthy >= desiredHealthy && desiredHealthy > 0) return;
  }
  const { name, generation = 0 } = budget.metadata;
  if (observedGeneration < generation)
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (disruptionsAllowed <= 0) {
    const short = `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    const why = currentHealthy <= desiredHealthy ? short : "does not allow evicting pods currently";
    throw refusal(`The disruption budget ${name} ${why}`);
  }
  const spend = (draft: AnyObject) => {
    draft.status.disruptionsAllowed = disruptionsAllowed - 1;
    const disruptedPods = {
      ...draft.status.disruptedPods,
      [pod.metadata.name]: timestamp(resources.env.now()),
    };
    draft.status.disruptedPods = disruptedPods;
  };
  resources.amend(kind, { namespace, name }, spend, { ...options, subresource: "status" });
}

function refusal(message: string, retryAfterSeconds?: number): StatusError {
  const text = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = [{ reason: "DisruptionBudget", message }];
  return new StatusError(429, "TooManyRequests", text, {
    causes,
    ...(retryAfterSeconds && { retryAfterSeconds }),
  });
}
