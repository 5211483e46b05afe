/** Whether a release (`1.37`, `v1.36.4`) is of minor version `minor` or later. */
export function sinceMinor(minor: number, kubernetesVersion: string): boolean {
  return Number(/^v?1\.(\d+)/.exec(kubernetesVersion)?.[1]) >= minor;
}
