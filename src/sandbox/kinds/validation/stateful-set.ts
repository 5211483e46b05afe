import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { selects } from "../label-selector.js";
import { shownEmpty } from "../normalize.js";
import type { Json } from "../schema.js";
import { gatesOf } from "../stateful-set.js";
import { sinceMinor } from "../version.js";
import { claimSpec } from "./claim.js";
import { forbidden, invalid } from "./errors.js";
import { internalJson } from "./internal.js";
import { annotations, labels } from "./metadata.js";
import { dnsLabel } from "./names.js";
import { notAboveAll, numberOrPercent } from "./counts.js";
import { podSpec } from "./pod-spec.js";
import { all, defined, fields, first, given, items, type Rule } from "./rules.js";
import { labelSelector } from "./selector.js";
import { mayNotBe, must, named, needed, notNegative, oneOf } from "./values.js";

/** pkg/apis/apps/validation: a set must hold on every write; what is immutable is not looked at again on an update. */
export function validateStatefulSet(
  { spec }: AnyObject,
  old: AnyObject | undefined,
  admission: Admission,
): FieldError[] {
  const recreate = gatesOf(admission).recreateStrategy || old?.spec.updateStrategy?.type === "Recreate";
  return fields({
    podManagementPolicy: must(
      (value) => ["OrderedReady", "Parallel"].includes(value),
      "must be 'OrderedReady' or 'Parallel'",
    ),
    updateStrategy: updateStrategy(recreate),
    persistentVolumeClaimRetentionPolicy: fields({
      whenDeleted: oneOf("Retain", "Delete"),
      whenScaled: oneOf("Retain", "Delete"),
    }),
    ...(!old && { volumeClaimTemplates: items(fields({ spec: claimSpec })) }),
    replicas: notNegative,
    minReadySeconds: notNegative,
    ordinals: fields({ start: notNegative }),
    ...(!old && { serviceName: given(named(dnsLabel)) }),
    selector,
    template: template(spec, admission),
  })(spec, "spec");
}

function updateStrategy(recreate: boolean): Rule {
  return (strategy: Json, path) => {
    const { type, rollingUpdate } = strategy;
    const internal = rollingUpdate && {
      Partition: rollingUpdate.partition ?? 0,
      MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
    };
    const place = `${path}.rollingUpdate`;
    if (type === "RollingUpdate")
      return fields({ partition: notNegative, maxUnavailable: defined(maxUnavailable) })(
        rollingUpdate,
        place,
      );
    if (type === "OnDelete" || (recreate && type === "Recreate"))
      return internal ? [invalid(place, internal, "only allowed for updateStrategy 'RollingUpdate'")] : [];
    const known = recreate ? "'RollingUpdate', 'OnDelete', or 'Recreate'" : "'RollingUpdate' or 'OnDelete'";
    return [invalid(path, { Type: type, RollingUpdate: internal ?? null }, `must be ${known}`)];
  };
}

const maxUnavailable = all(
  numberOrPercent,
  // What is neither a percentage nor a number counts as none.
  must((value) => /^(\d+%|[+-]?\d+)$/.test(value) && Number.parseInt(value, 10) !== 0, "cannot be 0"),
  notAboveAll,
);

const selector = first(
  needed,
  all(
    labelSelector,
    must(
      ({ matchLabels = {}, matchExpressions = [] }) =>
        Object.keys(matchLabels).length + matchExpressions.length > 0,
      "empty selector is invalid for statefulset",
    ),
  ),
);

/** @param spec the set's, whose selector must match and whose claims can be mounted */
function template(spec: Json, { kubernetesVersion }: Admission): Rule {
  // The API leaves `metadata` out of the names of these fields.
  const metadata: Rule = (value: Json, path) => fields({ labels, annotations })(value.metadata, path);
  // Up to 1.36 these are checked twice.
  const content = all(
    templateContent(spec),
    metadata,
    ...(sinceMinor(37, kubernetesVersion) ? [] : [metadata]),
  );
  const unreadable = spec.selector && labelSelector(spec.selector, "spec.selector").length > 0;
  return all(
    unreadable ? () => [invalid("spec.selector", spec.selector, "")] : content,
    fields({
      spec: fields({
        restartPolicy: oneOf("Always"),
        activeDeadlineSeconds: defined((_seconds, path) => [
          forbidden(path, "activeDeadlineSeconds in StatefulSet is not Supported"),
        ]),
      }),
    }),
  );
}

function templateContent({ selector: wanted, volumeClaimTemplates: claims = [] }: Json): Rule {
  return ({ metadata, spec: pod }: Json, path) => {
    const mismatch = "`selector` does not match template `labels`";
    const given = shownEmpty(metadata, "labels");
    // The controller gives each pod its hostname and subdomain.
    const { hostname: _hostname, subdomain: _subdomain, ...rest } = pod;
    const names = claims.map((claim: Json) => claim.metadata.name);
    return [
      ...(selects(wanted, metadata.labels) ? [] : [invalid(`${path}.metadata.labels`, given, mismatch)]),
      ...podSpec(rest, `${path}.spec`, names),
      ...fields({ ephemeralContainers: mayNotBe("ephemeral containers not allowed in pod template") })(
        pod,
        `${path}.spec`,
      ),
    ];
  };
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

/** A count of a status that is at most another one of it. */
const atMost =
  (name: string, limit: string): Rule =>
  (status: Json, path) =>
    must((count) => count <= (status[limit] ?? 0), `cannot be greater than ${path}.${limit}`)(
      status[name] ?? 0,
      `${path}.${name}`,
    );

const statusRules = all(
  fields({
    replicas: notNegative,
    readyReplicas: notNegative,
    currentReplicas: notNegative,
    updatedReplicas: notNegative,
    availableReplicas: notNegative,
    observedGeneration: notNegative,
    collisionCount: notNegative,
  }),
  atMost("readyReplicas", "replicas"),
  atMost("currentReplicas", "replicas"),
  atMost("updatedReplicas", "replicas"),
  atMost("availableReplicas", "replicas"),
  atMost("availableReplicas", "readyReplicas"),
);

export function validateStatefulSetStatus({ status }: AnyObject, { status: old }: AnyObject): FieldError[] {
  const kept = must((count) => !(count < old?.collisionCount), "cannot be decremented");
  return [...statusRules(status, "status"), ...kept(status.collisionCount ?? 0, "status.collisionCount")];
}
