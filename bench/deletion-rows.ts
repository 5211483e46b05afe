import type { Fleet } from "./fleet.js";
import { middle, run, type Sample } from "./measure.js";
import { amount, type Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet, seedLeftOvers } from "./seed.js";

const small: Fleet = { namespace: "bench-small", sets: 20, claims: 400, leftOver: 200 };
const large: Fleet = { namespace: "bench-large", sets: 100, claims: 4000, leftOver: 2000 };

/** Requests beside the deletions themselves, where everything fits on one page. */
const overhead = 10;
/** kubectl deletes 5 a second: 200 took it 76 s (measured once). It is not run here. */
const kubectlMs = 76_000;

/** Claims that are deleted and seen to be gone, and very many whose deletion the server accepts. */
export async function* deletionRows(rig: Rig): AsyncGenerator<Row> {
  const gone = await clean(rig, small, "--wait");
  yield {
    work: `delete ${small.leftOver} claims and see them gone`,
    measured: `${amount(gone)}, ${gone.requests} requests; kubectl (not run) ${kubectlMs} ms`,
    checks: [
      { value: gone.ms / kubectlMs, goal: 1 / 50, unit: "× the time" },
      { value: gone.requests, goal: small.leftOver + overhead, unit: " requests" },
    ],
  };
  const accepted = await clean(rig, large, "--wait=false");
  const morePages = Math.ceil(large.claims / 500) - 1;
  yield {
    work: `delete ${large.leftOver} of ${large.claims} claims, accepted`,
    measured: `${amount(accepted)}, ${accepted.requests} requests`,
    checks: [
      { value: accepted.ms / 1000, goal: 1.5, unit: " s" },
      { value: accepted.requests, goal: large.leftOver + overhead + morePages, unit: " requests" },
    ],
  };
}

async function clean(rig: Rig, fleet: Fleet, wait: string): Promise<Sample> {
  await seedFleet(rig.cluster, fleet);
  const words = ["pvc", "cleanup", "-n", fleet.namespace, "--yes", "--progress=none", "-v=6", wait];
  const samples: Sample[] = [];
  for (let round = 0; round < fewRounds(rig); round += 1) {
    if (round > 0) await seedLeftOvers(rig.cluster, fleet);
    samples.push(await run(rig.sts(...words), rig.env));
  }
  return middle(samples);
}
