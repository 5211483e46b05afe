/** What differs between the Kubernetes versions and by feature gate, as far as the controllers go. */
export interface Gates {
  /** `rollingUpdate.maxUnavailable` counts (MaxUnavailableStatefulSet; on from 1.37). */
  maxUnavailable: boolean;
  /** `updateStrategy.type: Recreate` works (StatefulSetRecreateStrategy, KEP-3541; alpha in 1.37, so off). */
  recreateStrategy: boolean;
  /** Claims get the condition `Unused` (PersistentVolumeClaimUnusedSinceTime; on from 1.37). */
  unusedClaims: boolean;
  /** An update that is over counts as complete under any strategy, not under RollingUpdate alone (from 1.37, #136833). */
  completeAnyStrategy: boolean;
}

/** The gates as a version has them by default: `1.37`, `v1.36.4`. */
export function gatesOf(kubernetesVersion: string, overrides: Partial<Gates> = {}): Gates {
  const minor = Number(/^v?1\.(\d+)/.exec(kubernetesVersion)?.[1]);
  if (Number.isNaN(minor)) throw new Error(`not a version of Kubernetes: ${kubernetesVersion}`);
  const from37 = minor >= 37;
  return {
    maxUnavailable: from37,
    recreateStrategy: false,
    unusedClaims: from37,
    completeAnyStrategy: from37,
    ...overrides,
  };
}
