import { describe, expect, it } from "vitest";
import { ApiError, type Cluster, type Patch } from "../../../../src/cluster/index.js";
import { askForSizes } from "../../../../src/commands/claims/resize/patch-claim.js";
import type { Claim } from "../../../../src/core/model.js";
import { ConflictError } from "../../../../src/errors.js";
import { claim, planned } from "../../../core/claims/resize/build.js";

interface Sent {
  resourceVersion: string;
  uid: string;
  storage: string;
}

/** A server on which a claim is by now as `found`; it refuses every other version of it. */
function server(found: Claim): { cluster: Cluster; sent: Sent[] } {
  const sent: Sent[] = [];
  const cluster = {
    get: async () => found,
    async patch(_kind: unknown, _ref: unknown, { body }: Patch) {
      const { metadata, spec } = body as {
        metadata: { resourceVersion: string; uid: string };
        spec: { resources: { requests: { storage: string } } };
      };
      sent.push({ ...metadata, storage: spec.resources.requests.storage });
      if (
        metadata.resourceVersion !== found.metadata.resourceVersion ||
        metadata.uid !== found.metadata.uid
      ) {
        throw new ApiError({ code: 409, reason: "Conflict", message: "the object has been modified" });
      }
    },
  };
  return { cluster: cluster as unknown as Cluster, sent };
}

function version(found: Claim, resourceVersion: string, uid = found.metadata.uid): Claim {
  return { ...found, metadata: { ...found.metadata, resourceVersion, uid } };
}

describe("a claim that is asked to grow", () => {
  const plan = planned("data-web-0", "2Gi", { asks: "1Gi" });

  it("is the one that was shown, and nothing else of it is changed", async () => {
    const { cluster, sent } = server(plan.claim);
    await askForSizes(cluster, [plan]);
    expect(sent).toEqual([{ resourceVersion: "1", uid: "uid-data-web-0", storage: "2Gi" }]);
  });

  it("is asked again when only its status was written meanwhile", async () => {
    const { cluster, sent } = server(version(plan.claim, "7"));
    await askForSizes(cluster, [plan]);
    expect(sent.map(({ resourceVersion }) => resourceVersion)).toEqual(["1", "7"]);
  });

  it("is left alone when somebody else has asked for the same", async () => {
    const { cluster, sent } = server(version(claim("data-web-0", { asks: "2048Mi" }), "7"));
    await askForSizes(cluster, [plan]);
    expect(sent).toHaveLength(1);
  });

  it("is not sent anything when it asks for its size already", async () => {
    const { cluster, sent } = server(plan.claim);
    await askForSizes(cluster, [planned("data-web-0", "2Gi", { asks: "2Gi" })]);
    expect(sent).toEqual([]);
  });

  it.each([
    ["asks for another size by now", version(claim("data-web-0", { asks: "4Gi" }), "7")],
    ["was made anew", version(plan.claim, "7", "another")],
    ["is being deleted", version(claim("data-web-0", { deleting: true }), "7")],
  ])("is a conflict when it %s", async (_case, found) => {
    const { cluster, sent } = server(found);
    await expect(askForSizes(cluster, [plan])).rejects.toThrow(ConflictError);
    expect(sent).toHaveLength(1);
  });
});
