import { writeFileSync } from "node:fs";
import path from "node:path";
import { claimOf, type Fleet } from "./fleet.js";
import { middle, run, type Sample } from "./measure.js";
import { against, amount, type Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet, seedLeftOvers } from "./seed.js";

const small: Fleet = { namespace: "bench-small", sets: 20, claims: 400, leftOver: 200 };

/** Requests beside the deletions themselves, where everything fits on one page. */
const overhead = 10;
/** Where a claim does not tell since when it is unused, two lists of events do. */
const events = 2;
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

/** Very many whose deletion the server accepts, of a fleet that was made before. */
export async function* acceptedRows(rig: Rig, fleet: Fleet): AsyncGenerator<Row> {
  const { leftOver, claims } = fleet;
  const accepted = await clean(rig, fleet, "--wait=false");
  const bare = await cleanBarely(rig, fleet);
  // Volumes are retained: those of the rounds before are still there.
  const volumes = fleet.bare ? 0 : claims + fewRounds(rig) * (2 * leftOver + small.claims);
  const morePages = Math.ceil(claims / 500) - 1 + Math.max(0, Math.ceil(volumes / 5000) - 1);
  yield against(bare, accepted, {
    work: `delete ${leftOver} of ${claims} claims, accepted`,
    measured: amount(accepted),
    checks: [
      { value: accepted.ms / 1000, goal: 1.5, unit: " s" },
      {
        value: accepted.requests,
        goal: leftOver + overhead + morePages + (fleet.bare ? events : 0),
        unit: " requests",
      },
    ],
  });
}

async function clean(rig: Rig, fleet: Fleet, wait: string): Promise<Sample> {
  const words = ["pvc", "cleanup", "-n", fleet.namespace, "--yes", "--progress=none", "-v=6", wait];
  return eachRound(rig, fleet, () => run(rig.sts(...words), rig.env));
}

/** The same deletions by their bare requests, of the same claims made once more. */
async function cleanBarely(rig: Rig, fleet: Fleet): Promise<Sample> {
  await seedLeftOvers(rig.cluster, fleet);
  const file = path.join(rig.folder, "left-over");
  const indexes = Array.from({ length: fleet.leftOver }, (_unused, index) => fleet.claims - 1 - index);
  writeFileSync(file, indexes.map((index) => `${claimOf(fleet, index).name}\n`).join(""));
  return eachRound(rig, fleet, () => run(rig.bareLoop("delete", fleet.namespace, file), rig.env));
}

async function eachRound(rig: Rig, fleet: Fleet, measure: () => Promise<Sample>): Promise<Sample> {
  const samples: Sample[] = [];
  for (let round = 0; round < fewRounds(rig); round += 1) {
    if (round > 0) await seedLeftOvers(rig.cluster, fleet);
    samples.push(await measure());
  }
  return middle(samples);
}
