import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Fleet } from "./fleet.js";
import { middle, run, type Sample } from "./measure.js";
import { startPaperCluster } from "./paper-cluster.js";
import type { Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";

const thousands = [10, 50] as const;
const commands = {
  "pvc list -A": ["pvc", "list", "-A"],
  "pvc cleanup -A --dry-run": ["pvc", "cleanup", "-A", "--dry-run"],
};

/**
 * The peak memory of 10,000 and of 50,000 claims with their pods and volumes. Most of the first figure is the process
 * and one page: pages are dropped, and of each object little is kept.
 */
export async function* memoryRows(rig: Rig): AsyncGenerator<Row> {
  for (const [work, words] of Object.entries(commands)) {
    const [first, more] = [await peak(rig, thousands[0], words), await peak(rig, thousands[1], words)];
    if (first.mb === undefined || more.mb === undefined) continue;
    const further = (more.mb - first.mb) / (thousands[1] - thousands[0]);
    yield {
      work: `memory of ${work}`,
      measured: `${first.mb.toFixed(0)} MB for ${thousands[0]},000 claims, ${more.mb.toFixed(0)} MB for ${thousands[1]},000`,
      checks: [
        { value: more.mb / first.mb, goal: thousands[1] / thousands[0], unit: "× the memory" },
        { value: further, goal: 6, unit: " MB for each further 1,000" },
      ],
    };
  }
}

async function peak(rig: Rig, thousand: number, words: readonly string[]): Promise<Sample> {
  const claims = thousand * 1000;
  const fleet: Fleet = { namespace: "bench", sets: thousand * 30, claims, leftOver: claims / 5 };
  const paper = await startPaperCluster(fleet);
  const kubeconfig = path.join(rig.folder, `paper-${thousand}`);
  writeFileSync(kubeconfig, paper.kubeconfig, { mode: 0o600 });
  const env = { ...rig.env, KUBECONFIG: kubeconfig };
  try {
    const samples: Sample[] = [];
    for (let round = 0; round < fewRounds(rig); round += 1) samples.push(await run(rig.sts(...words), env));
    return middle(samples);
  } finally {
    paper.stop();
  }
}
