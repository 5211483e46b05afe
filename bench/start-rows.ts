import { compare } from "./measure.js";
import { ratios, type Row } from "./row.js";
import type { Rig } from "./rig.js";
import { seedFleet } from "./seed.js";

const bareNode = [process.execPath, "-e", "0"];

/** What a command costs that has next to nothing to do. */
export async function* startRows({ cluster, env, rounds, sts, script, kubectl }: Rig): AsyncGenerator<Row> {
  const [help, bare] = await compare([script("--help"), bareNode], rounds, env);
  if (help) yield ratios("sts --help on Node", help, "bare node", bare, { time: 1.3 });
  await seedFleet(cluster, { namespace: "bench-start", sets: 1, claims: 1, leftOver: 0 });
  const words = ["get", "db-0", "-n", "bench-start"];
  const theirs = kubectl ? [[kubectl, "get", "sts", "db-0", "-n", "bench-start"]] : [];
  const [whole, onNode, other] = await compare([sts(...words), script(...words), ...theirs], rounds, env);
  if (whole) yield ratios("GET and print", whole, "kubectl", other, { time: 0.6, memory: 1.15 });
  if (onNode) yield ratios("GET and print on Node", onNode, "kubectl", other, { time: nodeGoal() });
}

/** Node 22 and newer start faster than Node 20. */
function nodeGoal(): number {
  return Number(process.versions.node.split(".")[0]) >= 22 ? 1.3 : 1.6;
}
