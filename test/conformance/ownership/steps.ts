import type { Side } from "../support/side.js";

/** One of its own for every run: both clusters may be old. */
export const namespace = `ownership-${process.pid}`;

/** A request of a sequence. `NAME` in a body is the object's name. */
export interface Step {
  collection: string;
  /** PATCH, unless said otherwise. */
  method?: string;
  type?: string;
  query?: string;
  /** `/status`, `/scale` */
  path?: string;
  body?: object;
}

export async function start(side: Side): Promise<void> {
  await side.port.create("namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
}

type Kind = "sets" | "maps" | "services";

const collections: Record<Kind, string> = {
  sets: `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  maps: `/api/v1/namespaces/${namespace}/configmaps`,
  services: `/api/v1/namespaces/${namespace}/services`,
};

const types: Record<Kind, object> = {
  sets: { apiVersion: "apps/v1", kind: "StatefulSet" },
  maps: { apiVersion: "v1", kind: "ConfigMap" },
  services: { apiVersion: "v1", kind: "Service" },
};

type More = { metadata?: object; [field: string]: unknown };

const object = (kind: Kind, { metadata = {}, ...rest }: More = {}): object => ({
  ...types[kind],
  metadata: { name: "NAME", ...metadata },
  ...rest,
});

export const apply = (kind: Kind, manager: string, more: More = {}, query = ""): Step => ({
  collection: collections[kind],
  type: "application/apply-patch+yaml",
  query: `fieldManager=${manager}${query}`,
  body: object(kind, more),
});

export const force = (kind: Kind, manager: string, more: More = {}): Step =>
  apply(kind, manager, more, "&force=true");

export const create = (kind: Kind, manager: string, more: More = {}): Step => ({
  collection: collections[kind],
  method: "POST",
  query: `fieldManager=${manager}`,
  body: object(kind, more),
});

export const patch = (kind: Kind, manager: string, body: object, type = "merge", path = ""): Step => ({
  collection: collections[kind],
  type: type === "json" ? "application/json-patch+json" : `application/${type}-patch+json`,
  query: `fieldManager=${manager}`,
  path,
  body,
});

export const put = (kind: Kind, manager: string, more: More = {}, path = ""): Step => ({
  collection: collections[kind],
  method: "PUT",
  query: `fieldManager=${manager}`,
  path,
  body: object(kind, more),
});

export const scale = (manager: string, replicas: number, query: string): Step => ({
  ...apply("sets", manager, {}, query),
  path: "/scale",
  body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "NAME" }, spec: { replicas } },
});

export const container = (name: string, more: object = {}): object => ({ name, image: "nginx", ...more });

/** The spec of a set without pods: whatever controllers do takes no part. */
export const spec = (more: object = {}, pod: object = {}): { spec: object } => ({
  spec: {
    replicas: 0,
    serviceName: "web",
    selector: { matchLabels: { app: "NAME" } },
    template: {
      metadata: { labels: { app: "NAME" } },
      spec: { containers: [container("nginx")], ...pod },
    },
    ...more,
  },
});

export const template = (pod: object): { spec: object } => ({ spec: { template: { spec: pod } } });
export const service = (more: object = {}): { spec: object } => ({
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }], ...more },
});
