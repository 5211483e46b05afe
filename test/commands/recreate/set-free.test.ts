import { expect, it } from "vitest";
import { ApiError, type Cluster, type Patch, type Ref } from "../../../src/cluster/index.js";
import { setFree } from "../../../src/commands/recreate/set-free.js";
import type { Kind } from "../../../src/core/kinds.js";
import type { KubeObject, StatefulSet } from "../../../src/core/model.js";

const old = { kind: "StatefulSet", name: "web", uid: "old" };
const mine = { kind: "Backup", name: "nightly", uid: "b" };
const object = (name: string, resourceVersion: string, ...ownerReferences: object[]) =>
  ({ metadata: { name, namespace: "default", uid: name, resourceVersion, ownerReferences } }) as KubeObject;

it("takes references to the old set off what the garbage collector has missed, and no others", async () => {
  const lists: Record<string, KubeObject[]> = {
    pods: [object("web-0", "1")],
    persistentvolumeclaims: [
      object("www-web-0", "1", mine),
      object("www-web-1", "1", old, mine),
      object("gone", "1", old),
    ],
    controllerrevisions: [],
  };
  const sent: [string, unknown][] = [];
  const cluster = {
    list: async ({ resource }: Kind) => ({ items: lists[resource] ?? [], resourceVersion: "1" }),
    get: async () => object("www-web-1", "2", old, mine),
    async patch(_kind: Kind, { name }: Ref, { body }: Patch) {
      sent.push([name, body]);
      if (name === "gone") throw new ApiError({ code: 404, reason: "NotFound", message: "gone" });
      if (sent.filter(([one]) => one === name).length === 1) {
        throw new ApiError({ code: 409, reason: "Conflict", message: "it has moved" });
      }
    },
  } as unknown as Cluster;
  const set = { metadata: { name: "web", namespace: "default", uid: "old" }, spec: { selector: {} } };
  await setFree(cluster, set as unknown as StatefulSet);
  const body = (resourceVersion: string) => ({ metadata: { resourceVersion, ownerReferences: [mine] } });
  expect(sent.filter(([name]) => name === "www-web-1")).toEqual([
    ["www-web-1", body("1")],
    ["www-web-1", body("2")],
  ]);
  expect(new Set(sent.map(([name]) => name))).toEqual(new Set(["www-web-1", "gone"]));
});
