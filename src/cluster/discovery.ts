import { type Kind, apiVersionOf, kinds } from "../core/kinds.js";
import type { KubeObject } from "../core/model.js";
import { ApiError, isApiError } from "./errors.js";
import type { Client } from "./http/client.js";

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

/** The kind a manifest names: one of ours, else what the server's discovery says of its group and version. */
export async function discover(
  client: Client,
  { apiVersion, kind }: { apiVersion: string; kind: string },
): Promise<Kind<KubeObject>> {
  const ours = Object.values<Kind<unknown>>(kinds).find(
    (known) => known.kind === kind && apiVersionOf(known) === apiVersion,
  );
  if (ours) return ours as Kind<KubeObject>;
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const path = group
    ? `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`
    : `/api/${encodeURIComponent(version)}`;
  const { resources } = await client.json<ResourceList>({ method: "GET", path }).catch((error: unknown) => {
    if (isApiError(error, "NotFound")) return { resources: [] };
    throw error;
  });
  // `statefulsets/scale` and its like are no kinds of their own.
  const found = resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  if (!found) {
    throw new ApiError({
      code: 404,
      reason: "NotFound",
      message: `no matches for kind "${kind}" in version "${apiVersion}": ensure CRDs are installed first`,
    });
  }
  return { group, version, resource: found.name, kind, namespaced: found.namespaced };
}
