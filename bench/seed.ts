import type { Gateway } from "../src/cluster/index.js";
import { kinds } from "../src/core/kinds.js";
import {
  claimAnnotations,
  claimOf,
  claimSpec,
  claimStatus,
  labelsOf,
  setOf,
  volumeSpec,
  type Fleet,
} from "./fleet.js";

const atATime = 32;
const quietMs = 3000;

/**
 * Makes a fleet: the claims first, each bound to a volume of its own, so that no controller has work with them, then
 * the sets, whose first pod no node takes, so that there is one pod a set.
 */
export async function seedFleet(cluster: Gateway, fleet: Fleet): Promise<void> {
  const metadata = { name: fleet.namespace };
  await cluster.create(kinds.namespace, { apiVersion: "v1", kind: "Namespace", metadata });
  await inParallel(count(0, fleet.claims), (index) => seedClaim(cluster, fleet, index));
  await inParallel(count(0, fleet.sets), (index) => cluster.create(kinds.statefulSet, setOf(fleet, index)));
  await untilQuiet(cluster, fleet.namespace);
}

/** Makes the left-over claims of a fleet again, once those that are being deleted have gone. */
export async function seedLeftOvers(cluster: Gateway, fleet: Fleet): Promise<void> {
  const kept = fleet.claims - fleet.leftOver;
  await untilClaims(cluster, fleet.namespace, (claims, met) => claims.size <= kept && met());
  await inParallel(count(kept, fleet.claims), (index) => seedClaim(cluster, fleet, index));
  await untilQuiet(cluster, fleet.namespace);
}

/** Until the controllers have had their say on new claims: their writes would cost whoever deletes one another try. */
async function untilQuiet(cluster: Gateway, namespace: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await untilClaims(cluster, namespace, (_claims, met) => {
    clearTimeout(timer);
    timer = setTimeout(met, quietMs);
  });
}

/** Calls `look` at each change of a namespace's claims, until that calls `met`. */
async function untilClaims(
  cluster: Gateway,
  namespace: string,
  look: (claims: ReadonlyMap<string, string>, met: () => void) => void,
): Promise<void> {
  const ended = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const onChange = () => look(mirror.items, resolve);
    const options = { signal: ended.signal, onChange };
    const mirror = cluster.mirror(kinds.claim, { namespace }, options, ({ metadata }) => metadata.name);
    mirror.ready.catch(reject);
  });
  ended.abort(new Error("seen enough"));
}

const typeOfClaim = { apiVersion: "v1", kind: "PersistentVolumeClaim" };

async function seedClaim(cluster: Gateway, fleet: Fleet, index: number): Promise<void> {
  const { set, name } = claimOf(fleet, index);
  const { namespace } = fleet;
  if (fleet.bare) {
    const metadata = { namespace, name, labels: labelsOf(set) };
    await cluster.create(kinds.claim, { ...typeOfClaim, metadata, spec: claimSpec });
    return;
  }
  const metadata = { namespace, name, labels: labelsOf(set), annotations: claimAnnotations };
  const volumeName = `pvc-${crypto.randomUUID()}`;
  const spec = { ...claimSpec, volumeName };
  const fieldManager = "kube-controller-manager";
  const { uid } = (await cluster.create(kinds.claim, { ...typeOfClaim, metadata, spec }, { fieldManager }))
    .metadata;
  await cluster.create(kinds.volume, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volumeName, annotations: { "pv.kubernetes.io/provisioned-by": "csi.example.com" } },
    spec: {
      ...volumeSpec,
      claimRef: { ...typeOfClaim, namespace, name, uid },
      csi: { driver: "csi.example.com", volumeHandle: volumeName },
    },
  });
  const bind = { type: "merge", body: { status: claimStatus } } as const;
  await cluster.patch(kinds.claim, { namespace, name }, bind, { subresource: "status" });
  const bound = { type: "merge", body: { status: { phase: "Bound" } } } as const;
  await cluster.patch(kinds.volume, { name: volumeName }, bound, { subresource: "status" });
}

function* count(first: number, end: number): Generator<number> {
  for (let number = first; number < end; number += 1) yield number;
}

async function inParallel(
  numbers: Generator<number>,
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  const worker = async () => {
    for (const number of numbers) await work(number);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
