/** A set `web` whose spec is overlaid by `spec`. */
export function webSet(spec: object = {}, metadata: object = {}): object {
  return {
    metadata: { name: "web", namespace: "default", ...metadata },
    spec: {
      replicas: 3,
      serviceName: "web",
      selector: { matchLabels: { app: "web" } },
      template: template("nginx:1"),
      ...spec,
    },
  };
}

export function template(image: string): object {
  return { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "nginx", image }] } };
}

export function claimTemplate(name: string, spec: object = {}): object {
  return {
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
  };
}

/** A class whose volumes are made by hand, `play` included. */
export function storageClass(name: string, fields: object = {}, isDefault = false): object {
  const annotations = isDefault ? { "storageclass.kubernetes.io/is-default-class": "true" } : {};
  return {
    metadata: { name, annotations },
    provisioner: "example.org/disk",
    reclaimPolicy: "Delete",
    ...fields,
  };
}
