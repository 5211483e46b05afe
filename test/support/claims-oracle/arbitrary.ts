import * as fc from "fast-check";
import type { Owner, RawClaim, RawPod, RawScaler, RawSet } from "./raw.js";

/** Few names that collide in every way: dashes, digits, one a prefix or suffix of the other. */
const name = fc.constantFrom("web", "web-web", "web-1", "a-b", "b", "c", "b-c", "a", "1");
const template = fc.constantFrom("www", "a", "a-b", "web", "data-1", "www-web");
const ordinal = fc.oneof(
  { weight: 6, arbitrary: fc.nat(12) },
  { weight: 1, arbitrary: fc.constantFrom(99, 100, 101, 2_147_483_647) },
);
export const labels = fc.constantFrom<Record<string, string>>(
  {},
  { app: "web" },
  { app: "web" },
  { app: "b" },
  { app: "c" },
  { app: "b-c" },
  { app: "web", tier: "x" },
);

const claimName = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(template, name, ordinal).map((parts) => parts.join("-")) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("www-web-007", "www-web-2147483648", "www", "www-web", "www-web-1x"),
  },
);

const setUid = (called: string, where = "default"): string => `set-${where}-${called}`;

export const setIn = (namespace: fc.Arbitrary<string>) =>
  fc
    .record({
      namespace,
      name,
      replicas: fc.nat(11),
      start: fc.constantFrom(0, 0, 0, 3, 9),
      templates: fc.uniqueArray(template, { maxLength: 3 }),
      matchLabels: labels,
      deleting: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
      scaler: fc.constantFrom(undefined, undefined, undefined, "kubectl", "keda", "kube-controller-manager"),
    })
    .map(({ templates, matchLabels, deleting, scaler, replicas, start, ...names }): RawSet => ({
      metadata: {
        ...names,
        uid: setUid(names.name, names.namespace),
        ...(deleting && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
        ...(scaler && { managedFields: [scaledBy(scaler)] }),
      },
      spec: {
        replicas,
        ...(start > 0 && { ordinals: { start } }),
        selector: { matchLabels },
        volumeClaimTemplates: templates.map((called) => ({ metadata: { name: called } })),
      },
    }));

function scaledBy(manager: string) {
  return { manager, subresource: "scale", fieldsV1: { "f:spec": { "f:replicas": {} } } };
}

const database: Owner = { apiVersion: "v1", kind: "Database", name: "x", uid: "x" };
const aSet = (called: string, uid = setUid(called)): Owner => {
  return { apiVersion: "apps/v1", kind: "StatefulSet", name: called, uid };
};
export const owners = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Owner[]>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Owner[]>(
      [{ ...database, controller: true }],
      [database],
      [{ apiVersion: "v1", kind: "Pod", name: "web-3", uid: "p", controller: true }],
      [{ apiVersion: "v1", kind: "Pod", name: "web-web-3", uid: "p" }],
      [aSet("web")],
      [{ ...aSet("web"), controller: true }],
      [aSet("web", "forerunner")],
      [aSet("b-c")],
      [{ ...aSet("web-web"), controller: true }],
      [{ ...aSet("web"), apiVersion: "apps.kruise.io/v1beta1", controller: true }],
    ),
  },
);

const creator = fc.constantFrom(
  "kube-controller-manager",
  "kube-controller-manager",
  "kubectl-create",
  "helm",
);

export const claimIn = (namespace: fc.Arbitrary<string>) =>
  fc
    .record({ namespace, name: claimName, labels, creator, owners })
    .map(({ labels: ofClaim, creator: manager, owners: ownerReferences, ...names }): RawClaim => ({
      metadata: {
        ...names,
        uid: `claim-${names.namespace}-${names.name}`,
        labels: ofClaim,
        ownerReferences,
        managedFields: [{ manager, fieldsV1: { "f:spec": { "f:accessModes": {} } } }],
      },
      spec: {},
    }));

/** One of them may be a set's, of which its claims may already be gone. */
export const podIn = (namespace: fc.Arbitrary<string>) =>
  fc
    .record({
      namespace,
      name: fc.tuple(name, ordinal).map((parts) => parts.join("-")),
      mounted: fc.array(claimName, { maxLength: 2 }),
      ephemeral: fc.constantFrom(undefined, undefined, "3", "web-4"),
      controller: fc.constantFrom(undefined, undefined, "web", "gone"),
    })
    .map(({ mounted, ephemeral, controller, ...names }): RawPod => ({
      metadata: {
        ...names,
        uid: `pod-${names.namespace}-${names.name}`,
        ...(controller !== undefined && { ownerReferences: [{ ...aSet(controller), controller: true }] }),
      },
      spec: {
        volumes: [
          ...mounted.map((claimed, index) => ({
            name: `v${index}`,
            persistentVolumeClaim: { claimName: claimed },
          })),
          ...(ephemeral === undefined ? [] : [{ name: ephemeral, ephemeral: {} }]),
        ],
      },
    }));

export const scalerIn = (namespace: fc.Arbitrary<string>) =>
  fc
    .record({
      namespace,
      set: name,
      maxReplicas: fc.nat(14),
      kind: fc.constantFrom("StatefulSet", "StatefulSet", "StatefulSet", "Deployment"),
      apiVersion: fc.constantFrom("apps/v1", "apps/v1", undefined, "apps.kruise.io/v1beta1"),
      number: fc.nat(3),
    })
    .map(({ namespace: where, set: scaled, maxReplicas, kind, apiVersion, number }): RawScaler => ({
      metadata: { namespace: where, name: `scaler-${number}`, uid: `scaler-${where}-${number}` },
      spec: {
        maxReplicas,
        scaleTargetRef: { kind, name: scaled, ...(apiVersion !== undefined && { apiVersion }) },
      },
    }));

const key = ({ metadata }: { metadata: { namespace?: string | undefined; name: string } }) =>
  `${metadata.namespace}/${metadata.name}`;

/** Everything that claims are judged by; each name once. */
export const worldIn = (...namespaces: [string, ...string[]]) => {
  const namespace = fc.constantFrom(...namespaces);
  return fc.record({
    sets: fc.uniqueArray(setIn(namespace), { maxLength: 6, selector: key }),
    pods: fc.uniqueArray(podIn(namespace), { maxLength: 4, selector: key }),
    claims: fc.uniqueArray(claimIn(namespace), { maxLength: 12, selector: key }),
    scalers: fc.option(fc.uniqueArray(scalerIn(namespace), { maxLength: 3, selector: key }), {
      nil: undefined,
      freq: 8,
    }),
  });
};

/** What was asked for on the command line. */
export const asked = fc.record({
  included: fc.subarray(["autoscaled", "set-at-zero", "template-gone", "set-deleted"]),
  gone: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.record({ set: name, template }).map((one) => [one]) },
  ),
});
