import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import type { Manifest } from "../../src/core/model.js";
import { partitionOf } from "../../src/core/rollout/partition.js";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed();
});
afterAll(() => world.stop());

/** What a repository may say of a set at one time. */
const wanted = fc.record({
  image: fc.constantFrom("nginx:1", "nginx:2"),
  replicas: fc.constantFrom(undefined, 0, 2, 3),
  partition: fc.constantFrom(undefined, 0, 1),
  cpu: fc.constantFrom(undefined, "100m", "0.1"),
  labels: fc.constantFrom(undefined, {}, { team: "a" }),
  storage: fc.constant("1024Mi"),
  maxUnavailable: fc.constantFrom(undefined, 1, "50%"),
});
type Wanted = typeof wanted extends fc.Arbitrary<infer T> ? T : never;

function manifest(
  name: string,
  { image, replicas, partition, cpu, labels, storage, maxUnavailable }: Wanted,
): Manifest {
  const rollingUpdate = { partition, maxUnavailable };
  const set = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, labels },
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: name } },
      updateStrategy: partition === undefined && maxUnavailable === undefined ? undefined : { rollingUpdate },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image, resources: cpu ? { requests: { cpu } } : undefined }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "www" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
        },
      ],
    },
  };
  return JSON.parse(JSON.stringify(set)) as Manifest;
}

/** What may happen to a set between two commits. */
const happenings = {
  image: ["set", "image", "main=nginx:3"],
  staged: ["set", "image", "main=nginx:4", "--stage=1"],
  stage: ["rollout", "stage", "--canary=1"],
  promote: ["rollout", "promote"],
  pause: ["rollout", "pause"],
  resume: ["rollout", "resume"],
  scale: ["scale", "--replicas=1"],
  applied: [],
  stageApplied: ["--stage=1"],
  other: [],
} as const;
type Happening = keyof typeof happenings;

async function happen(name: string, what: Happening, now: Wanted): Promise<void> {
  const words = [...happenings[what]];
  if (what === "other") {
    const body = { metadata: { labels: { theirs: "x" } }, spec: { replicas: 1 } };
    await world.cluster.patch(
      kinds.statefulSet,
      { name },
      { type: "merge", body },
      { fieldManager: "other" },
    );
  } else if (what === "applied" || what === "stageApplied") {
    await apply(name, now, ...words, "--force-conflicts");
  } else {
    const at = words[0] === "scale" ? 1 : 2;
    await world.run([...words.slice(0, at), name, ...words.slice(at), "--wait=false"]);
  }
}

const apply = (name: string, now: Wanted, ...flags: string[]) =>
  world.run(["apply", "-f", "-", "--no-service", "--wait=false", ...flags], {
    input: JSON.stringify(manifest(name, now)),
  });

/** Everything but what the controller writes. */
async function stored(name: string): Promise<unknown> {
  const { metadata, spec } = await world.cluster.get(kinds.statefulSet, { name });
  const { resourceVersion: _moves, managedFields = [], ...kept } = metadata;
  return { kept, spec, fields: managedFields.filter(({ subresource }) => subresource !== "status") };
}

let serial = 0;

it("after any history, what was applied once is unchanged the second time, and a hold stays", async () => {
  const names = Object.keys(happenings) as Happening[];
  const step = fc.record({ what: fc.constantFrom(...names), now: wanted });
  const history = fc.array(step, { maxLength: 5 });
  const property = fc.asyncProperty(wanted, history, wanted, async (first, steps, last) => {
    const name = `set-${(serial += 1)}`;
    await world.cluster.create(kinds.statefulSet, manifest(name, first), { fieldManager: "kubectl-create" });
    for (const { what, now } of steps) await happen(name, what, now);
    const before = await world.cluster.get(kinds.statefulSet, { name });
    const isHeld = ["sts/staging", "sts/paused"].some(
      (key) => before.metadata.annotations?.[key] !== undefined,
    );

    const once = await apply(name, last, "--force-conflicts");
    expect(once.code, once.err).toBe(0);
    const after = await world.cluster.get(kinds.statefulSet, { name });
    expect(after.spec.template.spec?.containers[0]?.image).toBe(last.image);
    expect(after.spec.replicas).toBe(last.replicas ?? before.spec.replicas);
    if (isHeld) {
      expect(after.metadata.annotations).toEqual(before.metadata.annotations);
      expect(partitionOf(after)).toBe(partitionOf(before));
    }

    const rest = await stored(name);
    const twice = await apply(name, last);
    expect(twice).toMatchObject({ code: 0, out: `statefulset.apps/${name} unchanged\n` });
    expect(await stored(name)).toEqual(rest);
    await world.cluster.delete(kinds.statefulSet, { name }, { propagation: "Background" });
  });
  await fc.assert(property, { numRuns: 30, seed: 1, interruptAfterTimeLimit: 40_000, endOnFailure: true });
}, 60_000);
