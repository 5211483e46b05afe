import type { ClusterPort } from "./port.js";

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** Creates what a cluster has before anybody uses it. */
export async function seed(port: ClusterPort, storageClasses: boolean): Promise<void> {
  for (const name of namespaces) await port.create("namespaces", { metadata: { name } });
  await port.create("services", kubernetesService);
  await port.create("clusterroles", clusterAdmin);
  await port.create("clusterrolebindings", clusterAdmins);
  if (storageClasses) await port.create("storageclasses", standardClass);
}

const kubernetesService = {
  metadata: {
    name: "kubernetes",
    namespace: "default",
    labels: { component: "apiserver", provider: "kubernetes" },
  },
  spec: { clusterIP: "10.0.0.1", ports: [{ name: "https", port: 443, targetPort: 6443 }] },
};

const clusterAdmin = {
  metadata: { name: "cluster-admin" },
  rules: [
    { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
    { nonResourceURLs: ["*"], verbs: ["*"] },
  ],
};

const clusterAdmins = {
  metadata: { name: "cluster-admin" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:masters" }],
};

const standardClass = {
  metadata: {
    name: "standard",
    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
  },
  provisioner: "sandbox.local/simulated",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
  allowVolumeExpansion: true,
};
