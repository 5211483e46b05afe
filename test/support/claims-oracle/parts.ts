import type { RawClaim, RawPod, RawSet } from "./raw.js";

/** The set's claim template and ordinal that give exactly this name. */
export function fits(name: string, template: string, set: string): number | undefined {
  const prefix = `${template}-${set}-`;
  const rest = name.slice(prefix.length);
  return name.startsWith(prefix) && /^(0|[1-9][0-9]{0,9})$/.test(rest) && Number(rest) <= 2 ** 31 - 1
    ? Number(rest)
    : undefined;
}

export function isMounted({ metadata: { name } }: RawClaim, pods: readonly RawPod[]): boolean {
  return pods.some(({ metadata, spec }) =>
    (spec.volumes ?? []).some(
      (volume) =>
        volume.persistentVolumeClaim?.claimName === name ||
        (volume.ephemeral !== undefined && `${metadata.name}-${volume.name}` === name),
    ),
  );
}

export function lacksLabels({ metadata }: RawClaim, { spec }: RawSet): string | undefined {
  const wanted = Object.entries(spec.selector?.matchLabels ?? {});
  return wanted.every(([key, value]) => metadata.labels?.[key] === value)
    ? undefined
    : "lacks the set's labels";
}
