import { isDeepStrictEqual } from "node:util";
import type { AnyObject } from "../../port.js";
import type { Admission, FieldError } from "../kind.js";
import { containersOf } from "../pod.js";
import type { Json } from "../schema.js";
import { sinceMinor } from "../version.js";
import { specDiff } from "./diff.js";
import { forbidden } from "./errors.js";
import { internalJson } from "./internal.js";
import { podSpec } from "./pod-spec.js";
import { all, fields, items } from "./rules.js";
import { must } from "./values.js";

/** Asked of pods, not of templates. */
const images = items(
  fields({
    image: must((image = "") => image === image.trim(), "must not have leading or trailing whitespace"),
  }),
);

export const podRule = fields({
  spec: all(
    (spec: Json, path) => podSpec(spec, path),
    fields({ containers: images, initContainers: images }),
  ),
});

const mutable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/** A pod's containers are fixed but for their images; the binding subresource gives it its node. */
export function validatePodUpdate(
  { spec }: AnyObject,
  { spec: old }: AnyObject,
  { kubernetesVersion }: Admission,
): FieldError[] {
  for (const list of ["containers", "initContainers"] as const)
    if ((spec[list] ?? []).length !== (old[list] ?? []).length)
      return [forbidden(`spec.${list}`, `pod updates may not add or remove containers`)];
  const allowed = structuredClone(spec);
  const [now, before]: [Json[], Json[]] = [containersOf(allowed), containersOf(old)];
  now.forEach((container, at) => (container.image = before[at]?.image));
  allowed.activeDeadlineSeconds = old.activeDeadlineSeconds;
  if (old.activeDeadlineSeconds === undefined) delete allowed.activeDeadlineSeconds;
  const kept: Json[] = old.tolerations ?? [];
  if (kept.every((one) => (spec.tolerations ?? []).some((other: Json) => isDeepStrictEqual(one, other))))
    allowed.tolerations = old.tolerations;
  // A gate can be taken away, and none be put up (KEP-3521).
  const gates: Json[] = spec.schedulingGates ?? [];
  const stood: Json[] = old.schedulingGates ?? [];
  if (gates.every(({ name }) => stood.some((gate) => gate.name === name))) {
    allowed.schedulingGates = old.schedulingGates;
    if (old.schedulingGates === undefined) delete allowed.schedulingGates;
  }
  if (isDeepStrictEqual(allowed, old)) return [];
  const [was, is] = [old, allowed].map((one) => internalSpec(one, kubernetesVersion));
  const text = `pod updates may not change fields other than ${mutable.join(",")}`;
  return [forbidden("spec", `${text}\n${specDiff(was, is)}`)];
}

const ofTheHost = ["HostNetwork", "HostPID", "HostIPC", "ShareProcessNamespace", "HostUsers"];

/** Up to 1.36 one kind of volume stood elsewhere in the list of all. */
function olderVolume({ Quobyte, ...others }: Json): Json {
  const entries = Object.entries(others);
  const after = entries.findIndex(([name]) => name === "RBD") + 1;
  return Object.fromEntries(entries.toSpliced(after, 0, ["Quobyte", Quobyte]));
}

/** Up to 1.36 what pods share with the host was kept in the security context, and the deprecated account nowhere. */
function internalSpec(spec: Json, kubernetesVersion: string): Json {
  const shown = internalJson("PodSpec", spec);
  if (sinceMinor(37, kubernetesVersion)) return shown;
  const moved = Object.fromEntries(ofTheHost.map((field) => [field, shown[field]]));
  shown.SecurityContext = { ...moved, ...shown.SecurityContext };
  for (const field of [...ofTheHost, "DeprecatedServiceAccount"]) delete shown[field];
  shown.Volumes = (shown.Volumes as Json[] | null)?.map(olderVolume) ?? null;
  return shown;
}
