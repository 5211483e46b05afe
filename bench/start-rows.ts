import { compare } from "./measure.js";
import { ratios, type Row } from "./row.js";
import type { Rig } from "./rig.js";
import { seedFleet } from "./seed.js";

const bareNode = [process.execPath, "-e", "0"];

/** What a command costs that has next to nothing to do. */
export async function* startRows({ cluster, env, rounds, sts, kubectl }: Rig): AsyncGenerator<Row> {
  const [help, bare] = await compare([sts("--help"), bareNode], rounds, env);
  if (help) yield ratios("sts --help", help, "bare node", bare, { time: 1.3 });
  await seedFleet(cluster, { namespace: "bench-start", sets: 1, claims: 1, leftOver: 0 });
  const words = ["-n", "bench-start"];
  const theirs = kubectl ? [[kubectl, "get", "sts", "db-0", ...words]] : [];
  const [get, other] = await compare([sts("get", "db-0", ...words), ...theirs], rounds, env);
  if (get) yield ratios("GET and print", get, "kubectl", other, { time: nodeGoal() });
}

/** Node 22 and newer start faster than Node 20. */
function nodeGoal(): number {
  return Number(process.versions.node.split(".")[0]) >= 22 ? 1.3 : 1.6;
}
