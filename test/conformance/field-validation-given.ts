/** One of its own for every run: both clusters may be old. */
export const namespace = `field-validation-${process.pid}`;

/** Something sent to both clusters; what they answer is compared. Objects are those of `given`. */
export interface Case {
  name: string;
  method?: string;
  path: string;
  type?: string;
  body: string | object;
}

export const set = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "web" },
  spec: {
    replicas: 0,
    serviceName: "web",
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "nginx", image: "nginx" }] },
    },
  },
};
export const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { a: "1" } };
export const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
};

export const sets = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
export const maps = `/api/v1/namespaces/${namespace}/configmaps`;
export const services = `/api/v1/namespaces/${namespace}/services`;
