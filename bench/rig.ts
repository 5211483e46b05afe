import type { Gateway } from "../src/cluster/index.js";
import type { Environment } from "./measure.js";

/** What rows are measured with. */
export interface Rig {
  /** To make what is measured. */
  cluster: Gateway;
  /** Of the commands: they find the cluster by it. */
  env: Environment;
  /** For files that go afterwards. */
  folder: string;
  rounds: number;
  /** The command line of ours with these words: the executable. */
  sts(...words: string[]): string[];
  /** The same on Node. */
  script(...words: string[]): string[];
  /** Its path; undefined where there is none. */
  kubectl: string | undefined;
  /** What `bare-loop.cjs` takes with these words: the requests of a row and nothing else. */
  bareLoop(...words: string[]): string[];
}

/** Large reads and writes take long and vary little: three rounds tell as much as nine. */
export const fewRounds = ({ rounds }: Rig): number => Math.min(rounds, 3);
