import { returned } from "../deletes.js";
import type { Served } from "../discovery.js";
import type { BodyKind } from "../subresources.js";
import { operation, pathParameter, queryParameter, type Operation } from "./operations.js";
import { reference, schemaName, Schemas, type Schema } from "./schemas.js";

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const status = `${meta}.Status`;

type Action = Operation["action"];

/** Discovery's verbs as documents call them, for one object and for the collection. */
const actions: Readonly<
  Record<"one" | "many", readonly [verb: string, action: Action, method: string, id: string][]>
> = {
  one: [
    ["get", "get", "get", "read"],
    ["update", "put", "put", "replace"],
    ["delete", "delete", "delete", "delete"],
    ["patch", "patch", "patch", "patch"],
    ["create", "post", "post", "create"],
  ],
  many: [
    ["list", "list", "get", "list"],
    ["create", "post", "post", "create"],
    ["deletecollection", "deletecollection", "delete", "delete"],
  ],
};

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

// The document says of namespaces that a Status is answered, whatever the server does.
const documented = returned.filter((kind) => kind !== "Namespace");

/**
 * The OpenAPI 3.0 document of what is `served` of a group version: paths and the schemas that they name. `all`: what is
 * served of any, for a kind may be part of another group's.
 */
export function groupDocument(
  served: readonly Served[],
  all: readonly Served[],
  kubernetesVersion: string,
): object {
  const schemas = new Schemas();
  const paths: Record<string, Schema> = {};
  for (const kind of served) addKind(kind, paths, schemas);
  const [first] = served;
  if (first) addRest(first, paths, schemas);
  for (const kind of all) if (schemas.has(schemaName(kind.kind))) schemas.mark(schemaName(kind.kind), kind);
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: kubernetesVersion },
    paths: Object.fromEntries(Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))),
    components: {
      schemas: schemas.all(),
      securitySchemes: {
        BearerToken: {
          type: "apiKey",
          description: "Bearer Token authentication",
          name: "authorization",
          in: "header",
        },
      },
    },
  };
}

/** `apps` of `apps`, `rbacAuthorization` of `rbac.authorization.k8s.io`, `core` of the group without a name. */
function groupWord(group: string): string {
  const [first = "", ...rest] = (group || "core").replace(/\.k8s\.io$/, "").split(".");
  return first + rest.map(upper).join("");
}

function rootOf({ group, version }: Pick<Served, "group" | "version">): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`;
}

function addKind(kind: Served, paths: Record<string, Schema>, schemas: Schemas): void {
  const name = schemas.add(kind.kind);
  schemas.mark(name, kind);
  if (kind.verbs.includes("list")) addList(kind, name, schemas);
  const root = rootOf(kind);
  const place = kind.namespaced ? `${root}/namespaces/{namespace}` : root;
  const scope = kind.namespaced ? "Namespaced" : "";
  const common = [...(kind.namespaced ? [pathParameter("namespace")] : []), queryParameter("pretty")];
  const many = operations(kind, kind, kind.verbs, "many", scope + kind.kind, schemas);
  paths[`${place}/${kind.resource}`] = { ...many, parameters: common };
  if (kind.namespaced && many["get"]) {
    const everywhere = operations(kind, kind, ["list"], "many", `${kind.kind}ForAllNamespaces`, schemas);
    paths[`${root}/${kind.resource}`] = { ...everywhere, parameters: [queryParameter("pretty")] };
  }
  const named = [pathParameter("name"), ...common];
  const item = `${place}/${kind.resource}/{name}`;
  const verbs = kind.verbs.filter((verb) => verb !== "create");
  const one = operations(kind, kind, verbs, "one", scope + kind.kind, schemas);
  if (Object.keys(one).length > 0) paths[item] = { ...one, parameters: named };
  for (const { name: part, kind: body, verbs: allowed } of kind.subresources) {
    const id = scope + kind.kind + upper(part);
    const text = part === "log";
    paths[`${item}/${part}`] = {
      ...operations(kind, body, allowed, "one", id, schemas, text),
      parameters: named,
    };
  }
}

function operations(
  owner: Served,
  kind: BodyKind,
  verbs: readonly string[],
  place: "one" | "many",
  id: string,
  schemas: Schemas,
  text = false,
): Schema {
  const { group, version } = owner;
  const tag = `${groupWord(group)}_${version}`;
  const object = schemas.add(kind.kind);
  schemas.mark(object, kind);
  const found = actions[place].filter(([verb]) => verbs.includes(verb));
  const answers: Partial<Record<Action, string>> = {
    list: `${schemaName(kind.kind)}List`,
    delete: documented.includes(kind.kind) ? object : status,
    deletecollection: status,
  };
  return Object.fromEntries(
    found.map(([, action, method, word]) => {
      const collection = action === "deletecollection" ? "Collection" : "";
      const full = `${word}${upper(groupWord(group))}${upper(version)}${collection}${id}`;
      const answer = text ? undefined : (answers[action] ?? object);
      return [method, operation({ action, id: full, tag, kind, answer })];
    }),
  );
}

function addList({ group, version, kind }: Served, name: string, schemas: Schemas): void {
  const text = { type: "string" };
  const metadata = { default: {}, allOf: [reference(schemas.add("ListMeta"))] };
  const items = { type: "array", items: reference(name) };
  const properties = { apiVersion: text, items, kind: text, metadata };
  schemas.set(`${name}List`, { type: "object", required: ["items"], properties });
  schemas.mark(`${name}List`, { group, version, kind: `${kind}List` });
}

/** What every group version has: the list of its resources, and what all kinds have in common. */
function addRest(served: Served, paths: Record<string, Schema>, schemas: Schemas): void {
  const { group, version } = served;
  const everywhere = { group: "", version: "v1" };
  const kept = served.verbs.includes("delete");
  if (kept) {
    schemas.set(`${meta}.Patch`, { type: "object" });
    for (const kind of ["DeleteOptions", "WatchEvent"]) {
      const own = group ? [{ group, version, kind }] : [];
      schemas.mark(schemas.add(kind), { ...everywhere, kind }, ...own);
    }
  }
  for (const kind of ["APIResourceList", ...(kept ? ["Status"] : [])])
    schemas.mark(schemas.add(kind), { ...everywhere, kind });
  const tag = `${groupWord(group)}_${version}`;
  const answer = {
    description: "OK",
    content: { "application/json": { schema: reference(`${meta}.APIResourceList`) } },
  };
  paths[`${rootOf(served)}/`] = {
    get: {
      tags: [tag],
      description: "get available resources",
      operationId: `get${upper(groupWord(group))}${upper(version)}APIResources`,
      responses: { "200": answer, "401": { description: "Unauthorized" } },
    },
  };
}
