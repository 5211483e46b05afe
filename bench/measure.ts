import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** What one whole-process run took. */
export interface Sample {
  /** Milliseconds of wall time. */
  ms: number;
  /** Peak resident memory in MB; undefined where the machine has no GNU time. */
  mb: number | undefined;
  /** Milliseconds of processor time: a second witness where others use the machine, too. Undefined likewise. */
  cpu: number | undefined;
  /** How many requests it told of, as `sts -v=6` does. */
  requests: number;
}

export type Environment = NodeJS.ProcessEnv;

const gnuTime = "/usr/bin/time";

/** Runs a command to its end. Throws when it fails: a benchmark of an error is none. */
export async function run(command: readonly string[], env: Environment): Promise<Sample> {
  const wrapped = existsSync(gnuTime) ? [gnuTime, "-f", "peak %M cpu %U %S", ...command] : command;
  const [file = "", ...args] = wrapped;
  const start = process.hrtime.bigint();
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stderr }));
  });
  const ms = Number(process.hrtime.bigint() - start) / 1e6;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${stderr}`);
  const [, peak, user, system] = /peak (\d+) cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  const requests = stderr.match(/^(GET|POST|PUT|PATCH|DELETE) https?:/gm) ?? [];
  return {
    ms,
    mb: peak === undefined ? undefined : Number(peak) / 1024,
    cpu: user === undefined ? undefined : (Number(user) + Number(system)) * 1000,
    requests: requests.length,
  };
}

/** Medians of runs that take turns, so that what else the machine does falls on both. The first round does not count. */
export async function compare(
  commands: readonly (readonly string[])[],
  rounds: number,
  env: Environment,
): Promise<Sample[]> {
  const samples: Sample[][] = commands.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const sample = await run(command, env);
      if (round > 0) samples[index]?.push(sample);
    }
  }
  return samples.map(middle);
}

/** The medians of some runs of one command. */
export function middle(samples: readonly Sample[]): Sample {
  return {
    ms: median(samples.map(({ ms }) => ms)),
    mb: medianOf(samples.map(({ mb }) => mb)),
    cpu: medianOf(samples.map(({ cpu }) => cpu)),
    requests: median(samples.map(({ requests }) => requests)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function medianOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? median(known) : undefined;
}

/** Of another process, now; 0 where the system does not tell. */
export function residentMegabytes(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
}
