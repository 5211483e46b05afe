import type { Fleet } from "./fleet.js";
import { compare, type Sample } from "./measure.js";
import { against, ratios, type Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet } from "./seed.js";

const goals = { time: 0.15, memory: 0.6 };

/** Makes a fleet, reads all of it, in pages, and judges each claim; kubectl only prints. */
export async function* listRows(rig: Rig, fleet: Fleet): AsyncGenerator<Row> {
  await seedFleet(rig.cluster, fleet);
  const where = ["-n", fleet.namespace];
  const commands = [
    rig.bareLoop("list", fleet.namespace),
    rig.sts("pvc", "list", ...where),
    rig.sts("pvc", "list", ...where, "-o", "json"),
    rig.sts("pvc", "cleanup", ...where, "--dry-run"),
    rig.script("pvc", "list", ...where),
    ...(rig.kubectl ? [[rig.kubectl, "get", "pvc", ...where]] : []),
  ];
  const [bare, list, json, plan, onNode, table] = await compare(commands, fewRounds(rig), rig.env);
  if (!bare || !list || !json || !plan || !onNode) return;
  const row = (work: string, ours: Sample) =>
    against(bare, ours, ratios(work, ours, "kubectl's table", table, goals));
  const of = `${fleet.claims} claims of ${fleet.sets} sets`;
  yield row(`list and classify ${of}`, list);
  yield row("the same as JSON", json);
  yield row(`plan a clean-up of ${fleet.leftOver} among ${of}`, plan);
  yield row("the list on Node", onNode);
}
