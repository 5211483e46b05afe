import { tenThousand as fleet } from "./fleet.js";
import { compare } from "./measure.js";
import { ratios, type Row } from "./row.js";
import { fewRounds, type Rig } from "./rig.js";
import { seedFleet } from "./seed.js";

const goals = { time: 0.15, memory: 0.6 };

/** Everything is read, in pages, and each claim is judged; kubectl only prints. */
export async function* listRows(rig: Rig): AsyncGenerator<Row> {
  await seedFleet(rig.cluster, fleet);
  const where = ["-n", fleet.namespace];
  const commands = [
    rig.sts("pvc", "list", ...where),
    rig.sts("pvc", "list", ...where, "-o", "json"),
    rig.sts("pvc", "cleanup", ...where, "--dry-run"),
    ...(rig.kubectl ? [[rig.kubectl, "get", "pvc", ...where]] : []),
  ];
  const [list, json, plan, table] = await compare(commands, fewRounds(rig), rig.env);
  const of = `${fleet.claims} claims of ${fleet.sets} sets`;
  const other = "kubectl's table";
  if (list) yield ratios(`list and classify ${of}`, list, other, table, goals);
  if (json) yield ratios(`the same as JSON`, json, other, table, goals);
  if (plan) yield ratios(`plan a clean-up of ${fleet.leftOver} among ${of}`, plan, other, table, goals);
}
