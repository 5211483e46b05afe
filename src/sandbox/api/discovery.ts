import type { SandboxKind } from "../kinds/kind.js";
import { noSuchResource } from "../store/status.js";
import type { Answer } from "./answer.js";
import type { ResourcePath } from "./request.js";
import { reviewResource, reviews } from "./reviews.js";
import { bodyKind, subresourceVerbs, type BodyKind } from "./subresources.js";

/** Something of a group version that is served: a kind or what is only ever posted. */
export interface Served {
  group: string;
  version: string;
  resource: string;
  singular: string;
  kind: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  verbs: string[];
  subresources: { name: string; kind: BodyKind; verbs: string[] }[];
}

const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** Everything that is served: the kinds, and reviews. */
export function servedBy(kinds: readonly SandboxKind[]): Served[] {
  return [...kinds.map(served), ...reviews.map(reviewed)];
}

function served(kind: SandboxKind): Served {
  const subresources = [...kind.subresources].sort().map((name) => ({
    name,
    kind: bodyKind(kind, name),
    verbs: [...subresourceVerbs(name)],
  }));
  // Namespaces are deleted one by one.
  const allowed = kind.kind === "Namespace" ? verbs.filter((verb) => verb !== "deletecollection") : verbs;
  return { ...kind, verbs: allowed, subresources };
}

function reviewed(review: (typeof reviews)[number]): Served {
  const { group, version, kind, namespaced = false } = review;
  const names = { resource: reviewResource(review), singular: kind.toLowerCase(), kind };
  const none = { shortNames: [], categories: [], subresources: [] };
  return { group, version, ...names, ...none, namespaced, verbs: ["create"] };
}

const aggregatedTypes = ["v2", "v2beta1"].map((version) => ({
  version,
  asks: `g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
}));

/** What the server says that it serves: the lists of groups, versions and resources, in both forms. */
export class Discovery {
  constructor(
    private readonly served: readonly Served[],
    private readonly address: string,
  ) {}

  /** Answers `/api`, `/apis` and what is below them; undefined for other paths. */
  answer(path: string, accept: string): Answer | undefined {
    const [root, ...parts] = path.split("/").filter((part) => part !== "");
    if (root === "api") return this.#core(parts, accept);
    if (root !== "apis") return undefined;
    const [group, version] = parts;
    if (group === undefined) return this.#aggregated(accept, this.#groups()) ?? json(this.#groupList());
    if (!this.#groups().includes(group)) return undefined;
    return version === undefined ? json(this.#group(group)) : this.#resources(group, version);
  }

  /** True for a group version of which something is served. */
  serves(group: string, version: string): boolean {
    return this.served.some((kind) => kind.group === group && kind.version === version);
  }

  /** True for a resource that is served, and for a subresource that it has. */
  has({ group, version, resource, subresource }: ResourcePath): boolean {
    return this.served.some(
      (kind) =>
        kind.group === group &&
        kind.version === version &&
        kind.resource === resource &&
        (subresource === "" || kind.subresources.some(({ name }) => name === subresource)),
    );
  }

  #core([version]: string[], accept: string): Answer {
    if (version !== undefined) return this.#resources("", version);
    const addresses = [{ clientCIDR: "0.0.0.0/0", serverAddress: this.address }];
    const versions = { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: addresses };
    return this.#aggregated(accept, [""]) ?? json(versions);
  }

  #groups(): string[] {
    return [...new Set(this.served.map(({ group }) => group))].filter((group) => group !== "").sort();
  }

  #versions(group: string): string[] {
    const versions = this.served.filter((kind) => kind.group === group).map(({ version }) => version);
    // Newest first, as the API prefers them.
    return [...new Set(versions)].sort().reverse();
  }

  #groupList(): object {
    const groups = this.#groups().map((name) => ({
      ...this.#group(name),
      kind: undefined,
      apiVersion: undefined,
    }));
    return { kind: "APIGroupList", apiVersion: "v1", groups };
  }

  #group(name: string): object {
    const versions = this.#versions(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { kind: "APIGroup", apiVersion: "v1", name, versions, preferredVersion: versions[0] };
  }

  #in(group: string, version: string): Served[] {
    const found = this.served.filter((kind) => kind.group === group && kind.version === version);
    return found.sort((one, other) => (one.resource < other.resource ? -1 : 1));
  }

  #resources(group: string, version: string): Answer {
    if (!this.serves(group, version)) throw noSuchResource();
    const groupVersion = group ? `${group}/${version}` : version;
    const resources = this.#in(group, version).flatMap((kind) => [
      {
        name: kind.resource,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: kind.verbs,
        ...names(kind),
      },
      ...kind.subresources.map(({ name, kind: body, verbs: allowed }) => ({
        name: `${kind.resource}/${name}`,
        singularName: "",
        namespaced: kind.namespaced,
        ...(body.group !== group && { group: body.group, version: body.version }),
        kind: body.kind,
        verbs: allowed,
      })),
    ]);
    return json({ kind: "APIResourceList", ...(group && { apiVersion: "v1" }), groupVersion, resources });
  }

  /** All of some groups in one document (KEP-3352), when the client can read it. */
  #aggregated(accept: string, groups: string[]): Answer | undefined {
    const asked = aggregatedTypes.find(({ asks }) => accept.replaceAll(" ", "").includes(asks));
    if (!asked) return undefined;
    const items = groups.map((group) => ({
      metadata: group ? { name: group } : {},
      versions: this.#versions(group).map((version) => ({
        version,
        resources: this.#in(group, version).map(aggregatedResource),
        freshness: "Current",
      })),
    }));
    const apiVersion = `apidiscovery.k8s.io/${asked.version}`;
    return {
      code: 200,
      body: { kind: "APIGroupDiscoveryList", apiVersion, metadata: {}, items },
      headers: { "Content-Type": `application/json;${asked.asks}`, Vary: "Accept" },
    };
  }
}

function aggregatedResource(kind: Served): object {
  const subresources = kind.subresources.map(({ name, kind: body, verbs: allowed }) => ({
    subresource: name,
    responseKind:
      body.kind === kind.kind
        ? { group: "", version: "", kind: kind.kind }
        : { group: body.group, version: body.version, kind: body.kind },
    verbs: allowed,
  }));
  return {
    resource: kind.resource,
    responseKind: { group: "", version: "", kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...names(kind),
    ...(subresources.length > 0 && { subresources }),
  };
}

function names({ shortNames, categories }: Served): object {
  return { ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
}

function json(body: object): Answer {
  return { code: 200, body };
}
