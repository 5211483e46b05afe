import { podName } from "../identity.js";
import { listWords } from "../words.js";

/** `web-1`, `web-1 and web-2`, `web-0 to web-4 and web-7`: pods of one set in as few words as possible. */
export function nameOrdinals(set: string, ordinals: readonly number[]): string {
  const runs: Run[] = [];
  for (const ordinal of [...ordinals].sort((left, right) => left - right)) {
    const run = runs.at(-1);
    if (run && run[1] === ordinal - 1) run[1] = ordinal;
    else runs.push([ordinal, ordinal]);
  }
  return listWords(runs.flatMap((run) => runWords(set, run)));
}

/** The same for all pods from one ordinal to another, however many; nothing where there are none. */
export function namePods(set: string, first: number, last: number): string {
  return last < first ? "" : listWords(runWords(set, [first, last]));
}

/** Ordinals without a gap. */
type Run = [first: number, last: number];

function runWords(set: string, [first, last]: Run): string[] {
  if (last - first < 2) return [...new Set([first, last])].map((ordinal) => podName(set, ordinal));
  return [`${podName(set, first)} to ${podName(set, last)}`];
}

/** How commands are written for the person at hand. */
export interface Naming {
  /** `sts`, or `kubectl sts`. */
  program: string;
  /** Named in commands where it is not the one that they would use anyway. */
  namespace?: string | undefined;
  /** Further flags that they gave and need again: `--context=prod`. */
  flags?: readonly string[];
}

/** How commands about what is in a namespace are written. */
export type NamingFor = (namespace: string) => Naming;

/** A command of ours: `sts scale web --replicas=3 -n prod`. */
export function ownCommand(naming: Naming, command: string): string {
  return withNamespace(naming, `${naming.program} ${command}`);
}

export function kubectlCommand(naming: Naming, command: string): string {
  return withNamespace(naming, `kubectl ${command}`);
}

function withNamespace({ namespace, flags = [] }: Naming, command: string): string {
  return [command, ...(namespace === undefined ? [] : ["-n", namespace]), ...flags].join(" ");
}
