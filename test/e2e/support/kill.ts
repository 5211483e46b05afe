import { expect } from "vitest";
import { type Pair, selfSigned } from "../../support/certificates.js";
import type { Scenario } from "./cluster.js";
import { type Answered, openCountingProxy } from "./counting-proxy.js";
import type { Result } from "./process.js";

/** A command that must survive being killed anywhere, and how to see that it does. */
export interface Sweep<State> {
  /**
   * Makes what one run begins with. Called for every run, two of which go on at the same time in the same namespace: it
   * needs names of its own, made of `run` (0, 1, 2 …).
   */
  prepare(run: number): Promise<State>;
  args(state: State): readonly string[];
  /** What finishes the work after a kill: the same command when left out. */
  again?(state: State): readonly string[];
  /** Exit code of a run that nobody kills; 0 when left out. */
  code?: number;
  /** Looks right after the kill, when the server has done all that it was asked for: nothing may be lost. */
  afterKill?(state: State, last: Answered): Promise<void>;
  /** Looks at the end of the run, or of what finished it: all is done, and nothing lost. */
  afterEnd(state: State, result: Result): Promise<void>;
  /** Where it is too slow for all: on the real control plane at most so many kills (4), and only after writes. */
  mostOnRealCluster?: number;
}

const isWrite = ({ method }: Answered) => method !== "GET";
const lanes = 2;

/**
 * Runs a command again and again, and kills it (SIGKILL) when the server has answered its first, second, third … request
 * and it has not seen the answer, until a run ends by itself. After each kill the command is run once more, to its end.
 * Returns what the kills came after, so that a test can tell that they hit what it is about.
 */
export async function killedAfterEach<State>(
  scenario: Scenario,
  sweep: Sweep<State>,
): Promise<readonly Answered[]> {
  const pair = selfSigned({ addresses: ["127.0.0.1"] });
  const around = { scenario, pair };
  const whole = await attempt(around, sweep, 0, () => false);
  const onSandbox = scenario.target === "sandbox";
  const counted = onSandbox ? whole.answered : whole.answered.filter(isWrite);
  expect(counted.length, "requests to be killed after").toBeGreaterThan(0);
  const most = sweep.mostOnRealCluster ?? 4;
  const chosen = onSandbox ? undefined : spread(counted.length, most);
  const kills: Answered[] = [];
  let next = 0;
  let over = false;
  const lane = async () => {
    while (!over) {
      next += 1;
      const run = next;
      const at = chosen ? chosen[run - 1] : run;
      if (at === undefined) return;
      let count = 0;
      const isLast = (answer: Answered) => (onSandbox || isWrite(answer) ? ++count === at : false);
      const { killedAfter } = await attempt(around, sweep, run, isLast);
      if (killedAfter) kills[run] = killedAfter;
      // A run may need fewer requests than another; only beyond all of them is the end of the sweep.
      else if (at > counted.length) over = true;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  // The place of a request varies from run to run, so that a sweep by place may miss one: no write goes without a kill.
  for (const write of onSandbox ? writesIn(whole.answered) : []) {
    if (writesIn(kills).includes(write)) continue;
    next += 1;
    const { killedAfter } = await attempt(around, sweep, next, (answer) => writeOf(answer) === write);
    if (killedAfter) kills[next] = killedAfter;
  }
  const done = kills.filter((kill) => kill !== undefined);
  expect(done.length, "kills").toBeGreaterThan(0);
  return done;
}

/** The kinds of writes among some requests. */
function writesIn(answers: readonly (Answered | undefined)[]): string[] {
  return [...new Set(answers.flatMap((answer) => (answer && isWrite(answer) ? writeOf(answer) : [])))];
}

/** `DELETE statefulsets`. */
function writeOf({ method, path }: Answered): string {
  const [, resource = path] = /\/v\d\w*\/(?:namespaces\/[^/]+\/)?([^/?]+)/.exec(path) ?? [];
  return `${method} ${resource}`;
}

interface Attempt {
  answered: readonly Answered[];
  /** Undefined: it ended by itself. */
  killedAfter: Answered | undefined;
}

async function attempt<State>(
  { scenario, pair }: { scenario: Scenario; pair: Pair },
  sweep: Sweep<State>,
  run: number,
  isLast: (answer: Answered) => boolean,
): Promise<Attempt> {
  const state = await sweep.prepare(run);
  let last: Answered | undefined;
  let kill: () => void = () => undefined;
  const proxy = await openCountingProxy(scenario.env["KUBECONFIG"] ?? "", pair, (answer) => {
    if (!isLast(answer)) return false;
    last = answer;
    kill();
    return true;
  });
  try {
    const command = sweep.args(state);
    const running = scenario.start(command, { env: { KUBECONFIG: proxy.kubeconfig } });
    kill = () => running.kill("SIGKILL");
    const result = await running.ended;
    await proxy.settled();
    const killedAfter = result.signal === "SIGKILL" ? last : undefined;
    const where = killedAfter ? `killed after ${requestLine(killedAfter)} (answer ${run})` : "whole run";
    await told(`${where}\n${trace(proxy.answered)}`, async () => {
      if (killedAfter) {
        await sweep.afterKill?.(state, killedAfter);
        const again = await scenario.sts(sweep.again?.(state) ?? command);
        expectCode(again, sweep);
        await sweep.afterEnd(state, again);
      } else {
        expectCode(result, sweep);
        await sweep.afterEnd(state, result);
      }
    });
    return { answered: proxy.answered, killedAfter };
  } finally {
    await proxy.close();
  }
}

function expectCode<State>({ code, signal, stdout, stderr }: Result, sweep: Sweep<State>): void {
  expect(code ?? signal, `${stdout}\n${stderr}`).toBe(sweep.code ?? 0);
}

/** Adds to a failure where the run was. */
async function told(where: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof Error) error.message = `${where}\n${error.message}`;
    throw error;
  }
}

function requestLine({ method, path, status }: Answered): string {
  return `${method} ${path} ${status}`;
}

function trace(answered: readonly Answered[]): string {
  return answered.map((one, index) => `  ${index + 1} ${requestLine(one)}`).join("\n");
}

/** At most so many of 1 … `last`, evenly, the first and the last among them. */
function spread(last: number, most: number): number[] {
  if (last <= most) return Array.from({ length: last }, (_, index) => index + 1);
  if (most === 1) return [1];
  return Array.from({ length: most }, (_, index) => 1 + Math.round((index * (last - 1)) / (most - 1)));
}
