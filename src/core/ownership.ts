import type { StatefulSet } from "./model.js";

type Owned = Pick<StatefulSet, "metadata">;

/** How each tool marks what it applies. The value it returns names the tool's own object, for a person. */
const marks: readonly ((owned: Owned) => string | undefined)[] = [
  // The one reference with `controller: true`: an operator's custom resource.
  ({ metadata }) => {
    const controller = metadata.ownerReferences?.find((reference) => reference.controller);
    return controller && `${controller.kind} ${controller.name}`;
  },
  // Argo CD tracks by a label or by an annotation `APP:GROUP/KIND:NAMESPACE/NAME`. A copied annotation names
  // another object, and Argo CD itself ignores it then (argo-cd, docs/user-guide/resource_tracking.md).
  ({ metadata }) => {
    const tracking = metadata.annotations?.["argocd.argoproj.io/tracking-id"] ?? "";
    const application = tracking.endsWith(`/${metadata.name}`)
      ? tracking.split(":")[0]
      : metadata.labels?.["argocd.argoproj.io/instance"];
    return application && `Argo CD application ${application}`;
  },
  ({ metadata }) => flux(metadata.labels, "kustomize", "Kustomization"),
  ({ metadata }) => flux(metadata.labels, "helm", "HelmRelease"),
  ({ metadata }) => {
    const release = metadata.annotations?.["meta.helm.sh/release-name"];
    return release && `Helm release ${release}`;
  },
];

function flux(labels: Record<string, string> | undefined, controller: string, kind: string) {
  const name = labels?.[`${controller}.toolkit.fluxcd.io/name`];
  return name && `Flux ${kind} ${name}`;
}

/**
 * Who else writes a set, and may revert or fight what `sts` does to it: its controller (an operator), Argo CD, Flux,
 * Helm; each as `Helm release web`. Labels such as `app.kubernetes.io/managed-by` prove nothing and are not looked at.
 */
export function owners(set: Owned): string[] {
  return marks.flatMap((mark) => mark(set) || []);
}

/** The warning that goes before every write to a set that has owners; undefined for one that has none. */
export function ownershipWarning(set: Owned): string | undefined {
  const found = owners(set);
  if (found.length === 0) return undefined;
  const { namespace, name } = set.metadata;
  return `warning: ${namespace}/${name} is managed by ${found.join(" and ")}, which may revert this change`;
}
