import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { selects } from "../label-selector.js";
import { shownEmpty } from "../normalize.js";
import type { Json } from "../schema.js";
import { gatesOf } from "../stateful-set.js";
import { sinceMinor } from "../version.js";
import { claimSpec } from "./claim.js";
import { each, forbidden, invalid, notNegative, notSupported, oneOf, required } from "./errors.js";
import { internalJson } from "./internal.js";
import { annotations, labels } from "./metadata.js";
import { percentage, dnsLabel } from "./names.js";
import { podSpec } from "./pod-spec.js";
import { labelSelector } from "./selector.js";

/** pkg/apis/apps/validation: a set must hold on every write; what is immutable is not looked at again on an update. */
export function validateStatefulSet(
  { spec }: AnyObject,
  old: AnyObject | undefined,
  admission: Admission,
): FieldError[] {
  const recreate = gatesOf(admission).recreateStrategy || old?.spec.updateStrategy?.type === "Recreate";
  const claims: Json[] = spec.volumeClaimTemplates ?? [];
  const newOnly = old
    ? []
    : claims.flatMap((claim, at) => claimSpec(`spec.volumeClaimTemplates[${at}].spec`, claim.spec));
  return [
    ...policies(spec, recreate),
    ...newOnly,
    ...notNegative("spec.replicas", spec.replicas),
    ...notNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...notNegative("spec.ordinals.start", spec.ordinals?.start),
    ...(!old && spec.serviceName
      ? each("spec.serviceName", spec.serviceName, dnsLabel(spec.serviceName))
      : []),
    ...selectorErrors(spec.selector),
    ...templateErrors(spec, claims, admission),
  ];
}

function policies(spec: Json, recreate: boolean): FieldError[] {
  const { podManagementPolicy, persistentVolumeClaimRetentionPolicy: retention } = spec;
  const known = ["OrderedReady", "Parallel"].includes(podManagementPolicy);
  const choices = ["Retain", "Delete"];
  return [
    ...(known
      ? []
      : [invalid("spec.podManagementPolicy", podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")]),
    ...strategy(spec.updateStrategy, recreate),
    ...oneOf("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", retention.whenDeleted, choices),
    ...oneOf("spec.persistentVolumeClaimRetentionPolicy.whenScaled", retention.whenScaled, choices),
  ];
}

function strategy({ type, rollingUpdate }: Json, recreate: boolean): FieldError[] {
  const field = "spec.updateStrategy";
  const internal = rollingUpdate && {
    Partition: rollingUpdate.partition ?? 0,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  };
  if (type === "RollingUpdate") return rollingUpdate ? rolling(`${field}.rollingUpdate`, rollingUpdate) : [];
  if (type === "OnDelete" || (recreate && type === "Recreate"))
    return internal
      ? [invalid(`${field}.rollingUpdate`, internal, "only allowed for updateStrategy 'RollingUpdate'")]
      : [];
  const known = recreate ? "'RollingUpdate', 'OnDelete', or 'Recreate'" : "'RollingUpdate' or 'OnDelete'";
  return [invalid(field, { Type: type, RollingUpdate: internal ?? null }, `must be ${known}`)];
}

function rolling(field: string, { partition, maxUnavailable }: Json): FieldError[] {
  return [
    ...notNegative(`${field}.partition`, partition),
    ...unavailable(`${field}.maxUnavailable`, maxUnavailable),
  ];
}

function unavailable(field: string, value: unknown): FieldError[] {
  if (value === undefined) return [];
  // What is neither a percentage nor a number counts as none.
  const zero =
    typeof value === "string"
      ? !/^(\d+%|[+-]?\d+)$/.test(value) || Number.parseInt(value, 10) === 0
      : value === 0;
  const percent = typeof value === "string" && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100;
  return [
    ...(typeof value === "string" ? each(field, value, percentage(value)) : notNegative(field, value)),
    ...(zero ? [invalid(field, value, "cannot be 0")] : []),
    ...(percent ? [invalid(field, value, "must not be greater than 100%")] : []),
  ];
}

function selectorErrors(selector: Json | null | undefined): FieldError[] {
  if (!selector) return [required("spec.selector")];
  const wrong = labelSelector("spec.selector", selector);
  const size = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length;
  const empty =
    size === 0 ? [invalid("spec.selector", selector, "empty selector is invalid for statefulset")] : [];
  return [...wrong, ...empty];
}

function templateErrors(spec: Json, claims: Json[], { kubernetesVersion }: Admission): FieldError[] {
  const { template, selector } = spec;
  const { metadata, spec: pod } = template;
  const unreadable = selector && labelSelector("spec.selector", selector).length > 0;
  const onlyAlways =
    pod.restartPolicy === "Always"
      ? []
      : [notSupported("spec.template.spec.restartPolicy", pod.restartPolicy, ["Always"])];
  const deadline = "activeDeadlineSeconds in StatefulSet is not Supported";
  return [
    ...(unreadable
      ? [invalid("spec.selector", selector, "")]
      : [
          ...templateContent(metadata, pod, selector, claims),
          // Up to 1.36 these are checked twice.
          ...(sinceMinor(37, kubernetesVersion) ? [] : templateMetadata(metadata)),
          ...templateMetadata(metadata),
        ]),
    ...onlyAlways,
    ...(pod.activeDeadlineSeconds === undefined
      ? []
      : [forbidden("spec.template.spec.activeDeadlineSeconds", deadline)]),
  ];
}

function templateContent(
  metadata: Json,
  pod: Json,
  selector: Json | undefined,
  claims: Json[],
): FieldError[] {
  const matches = selects(selector, metadata.labels);
  const mismatch = "`selector` does not match template `labels`";
  // The controller gives each pod its hostname and subdomain.
  const { hostname: _hostname, subdomain: _subdomain, ...rest } = pod;
  return [
    ...(matches ? [] : [invalid("spec.template.metadata.labels", shownEmpty(metadata, "labels"), mismatch)]),
    ...podSpec(
      "spec.template.spec",
      rest,
      claims.map((claim) => claim.metadata.name),
    ),
    ...(pod.ephemeralContainers?.length
      ? [
          forbidden(
            "spec.template.spec.ephemeralContainers",
            "ephemeral containers not allowed in pod template",
          ),
        ]
      : []),
  ];
}

/** The API leaves `metadata` out of the names of these fields. */
function templateMetadata(metadata: Json): FieldError[] {
  return [
    ...labels("spec.template.labels", metadata.labels),
    ...annotations("spec.template.annotations", metadata.annotations),
  ];
}

const mutable =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const immutable = ["selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy"];

/** One text for all up to 1.36, one for each field from 1.37 (#138080). */
export function validateStatefulSetUpdate(
  set: AnyObject,
  old: AnyObject,
  { kubernetesVersion }: Admission,
): FieldError[] {
  const changed = immutable.filter((field) => !isDeepStrictEqual(set.spec[field], old.spec[field]));
  if (changed.length === 0) return [];
  if (!sinceMinor(37, kubernetesVersion)) return [forbidden("spec", mutable)];
  return changed.map((field) =>
    invalid(`spec.${field}`, shown(field, shownEmpty(set.spec, field)), "field is immutable"),
  );
}

function shown(field: string, value: unknown): unknown {
  if (field !== "volumeClaimTemplates" || !Array.isArray(value)) return value;
  return value.map(({ metadata, spec, status }: Json) => ({
    ...metadata,
    Spec: internalJson("PersistentVolumeClaimSpec", spec),
    Status: internalJson("PersistentVolumeClaimStatus", status),
  }));
}

const counters = ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"];
const others = ["observedGeneration", "collisionCount"];

export function validateStatefulSetStatus({ status }: AnyObject): FieldError[] {
  const above = (name: string, limit: string): FieldError[] =>
    (status[name] ?? 0) > (status[limit] ?? 0)
      ? [invalid(`status.${name}`, status[name] ?? 0, `cannot be greater than status.${limit}`)]
      : [];
  return [
    ...[...counters, ...others].flatMap((name) => notNegative(`status.${name}`, status[name])),
    ...counters.slice(1).flatMap((name) => above(name, "replicas")),
    ...above("availableReplicas", "readyReplicas"),
  ];
}
