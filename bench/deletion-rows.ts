import { tenThousand, type Fleet } from "./fleet.js";
import { middle, run, type Sample } from "./measure.js";
import { amount, type Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet, seedLeftOvers } from "./seed.js";

const small: Fleet = { namespace: "bench-small", sets: 20, claims: 400, leftOver: 200 };

/** Requests beside the deletions themselves, where everything fits on one page. */
const overhead = 10;
/** kubectl deletes 5 a second: 200 took it 76 s (measured once). It is not run here. */
const kubectlMs = 76_000;

/** Claims that are deleted and seen to be gone. */
export async function* goneRows(rig: Rig): AsyncGenerator<Row> {
  await seedFleet(rig.cluster, small);
  const gone = await clean(rig, small, "--wait");
  yield {
    work: `delete ${small.leftOver} claims and see them gone`,
    measured: `${amount(gone)}; kubectl (not run) ${kubectlMs} ms`,
    checks: [
      { value: gone.ms / kubectlMs, goal: 1 / 50, unit: "× the time" },
      { value: gone.requests, goal: small.leftOver + overhead, unit: " requests" },
    ],
  };
}

/** Very many whose deletion the server accepts, of the fleet that the rows before have made. */
export async function* acceptedRows(rig: Rig): AsyncGenerator<Row> {
  const { leftOver, claims } = tenThousand;
  const accepted = await clean(rig, tenThousand, "--wait=false");
  // Volumes are retained: those of the rounds before are still there.
  const volumes = claims + fewRounds(rig) * (leftOver + small.claims);
  const morePages = Math.ceil(claims / 500) + Math.ceil(volumes / 5000) - 2;
  yield {
    work: `delete ${leftOver} of ${claims} claims, accepted`,
    measured: amount(accepted),
    checks: [
      { value: accepted.ms / 1000, goal: 1.5, unit: " s" },
      { value: accepted.requests, goal: leftOver + overhead + morePages, unit: " requests" },
    ],
  };
}

async function clean(rig: Rig, fleet: Fleet, wait: string): Promise<Sample> {
  const words = ["pvc", "cleanup", "-n", fleet.namespace, "--yes", "--progress=none", "-v=6", wait];
  const samples: Sample[] = [];
  for (let round = 0; round < fewRounds(rig); round += 1) {
    if (round > 0) await seedLeftOvers(rig.cluster, fleet);
    samples.push(await run(rig.sts(...words), rig.env));
  }
  return middle(samples);
}
