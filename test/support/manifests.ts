/** A set of nginx pods, `fields` merged over its spec and `template` over its pods' metadata and spec. */
export interface SetFields {
  name?: string;
  replicas?: number;
  image?: string;
  annotations?: Record<string, string>;
  /** Claims named `www` of this class; none when left out. */
  storageClassName?: string;
  spec?: object;
  podSpec?: object;
  container?: object;
}

export function statefulSet(namespace: string, fields: SetFields = {}) {
  const { name = "web", replicas = 1, image = "nginx:1.29", annotations, storageClassName } = fields;
  const labels = { app: name };
  const mounts = storageClassName === undefined ? [] : [{ name: "www", mountPath: "/data" }];
  const container = { name: "nginx", image, volumeMounts: mounts, ...fields.container };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { namespace, name },
    spec: {
      serviceName: name,
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(annotations && { annotations }) },
        spec: { containers: [container], terminationGracePeriodSeconds: 10, ...fields.podSpec },
      },
      ...(storageClassName !== undefined && {
        volumeClaimTemplates: [claimTemplate("www", storageClassName)],
      }),
      ...fields.spec,
    },
  };
}

function claimTemplate(name: string, storageClassName: string, storage = "1Gi") {
  const resources = { requests: { storage } };
  return { metadata: { name }, spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources } };
}

export function headlessService(namespace: string, name = "web") {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name },
    spec: { clusterIP: "None", selector: { app: name }, ports: [{ name: "web", port: 80 }] },
  };
}

export function storageClass(name: string, fields: object = {}) {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: "sandbox.sts/volumes",
    allowVolumeExpansion: true,
    ...fields,
  };
}
