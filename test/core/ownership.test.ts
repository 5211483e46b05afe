import { describe, expect, it } from "vitest";
import { owners, ownershipWarning } from "../../src/core/ownership.js";
import type { StoredMeta } from "../../src/core/model.js";

function set(metadata: Partial<StoredMeta>) {
  const stored = { uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  return { metadata: { name: "web", namespace: "default", ...stored, ...metadata } };
}

const reference = { apiVersion: "db.example/v1", kind: "Database", name: "main", uid: "x" };
const tracking = "argocd.argoproj.io/tracking-id";

describe("owners", () => {
  it.each([
    ["nothing", {}, []],
    ["a controller", { ownerReferences: [{ ...reference, controller: true }] }, ["Database main"]],
    ["an owner that is no controller", { ownerReferences: [reference] }, []],
    ["an Argo CD label", { labels: { "argocd.argoproj.io/instance": "shop" } }, ["Argo CD application shop"]],
    [
      "an Argo CD annotation",
      { annotations: { [tracking]: "shop:apps/StatefulSet:default/web" } },
      ["Argo CD application shop"],
    ],
    [
      "an annotation copied from another set",
      { annotations: { [tracking]: "shop:apps/StatefulSet:default/db" } },
      [],
    ],
    ["Flux", { labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } }, ["Flux Kustomization apps"]],
    ["Flux by Helm", { labels: { "helm.toolkit.fluxcd.io/name": "db" } }, ["Flux HelmRelease db"]],
    ["Helm", { annotations: { "meta.helm.sh/release-name": "db" } }, ["Helm release db"]],
    ["managed-by", { labels: { "app.kubernetes.io/managed-by": "Helm" } }, []],
  ])("%s", (_, metadata, expected) => {
    expect(owners(set(metadata))).toEqual(expected);
  });

  it("warns once, naming all of them", () => {
    expect(ownershipWarning(set({}))).toBeUndefined();
    const both = {
      annotations: { "meta.helm.sh/release-name": "db" },
      labels: { "helm.toolkit.fluxcd.io/name": "db" },
    };
    expect(ownershipWarning(set(both))).toBe(
      "warning: default/web is managed by Flux HelmRelease db and Helm release db, which may revert this change",
    );
  });
});
