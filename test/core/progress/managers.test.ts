import { describe, expect, it } from "vitest";
import type { StatefulSet } from "../../../src/core/model.js";
import { writersOf } from "../../../src/core/progress/managers.js";
import { makeSet } from "../../support/objects.js";

const path = ["f:spec", "f:template"];

function owned(fields: Record<string, { at?: string; template?: object }>): StatefulSet {
  const set = makeSet({});
  const managedFields = Object.entries(fields).map(([manager, { at = "10:00:00", template }]) => ({
    manager,
    operation: "Update" as const,
    apiVersion: "apps/v1",
    time: `2026-11-21T${at}Z`,
    fieldsV1: { "f:spec": template ? { "f:template": template } : { "f:replicas": {} } },
  }));
  return { ...set, metadata: { ...set.metadata, managedFields } } as StatefulSet;
}

describe("writersOf", () => {
  it("names who took a field, not who lost it", () => {
    const before = owned({ sts: { template: { "f:image": {}, "f:env": {} } } });
    const now = owned({
      sts: { template: { "f:env": {} } },
      autopilot: { at: "10:00:09", template: { "f:image": {} } },
    });
    expect(writersOf(path, now, before)).toBe("autopilot");
  });

  it("names who wrote the same field again later, or a further one at once", () => {
    const before = owned({ kubectl: { template: { "f:image": {} } }, sts: {} });
    const later = owned({ kubectl: { at: "10:00:01", template: { "f:image": {} } }, sts: {} });
    const more = owned({ kubectl: { template: { "f:image": {} } }, sts: { template: { "f:env": {} } } });
    expect(writersOf(path, later, before)).toBe("kubectl");
    expect(writersOf(path, more, before)).toBe("sts");
  });

  it("names all owners when times and fields tell nothing, and nobody when there are none", () => {
    const same = owned({ kubectl: { template: { "f:image": {} } }, sts: { template: { "f:env": {} } } });
    expect(writersOf(path, same, same)).toBe("kubectl and sts");
    expect(writersOf(path, owned({ sts: {} }), undefined)).toBe("");
  });
});
