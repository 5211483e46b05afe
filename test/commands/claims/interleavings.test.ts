import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionError } from "../../../src/cluster/index.js";
import { pvcCleanupCommand } from "../../../src/commands/pvc-cleanup.js";
import { Input } from "../../../src/commands/shared/input.js";
import { exitCodeOf } from "../../../src/errors.js";
import * as some from "../../support/claims-oracle/arbitrary.js";
import { isWanted, mustStay, type RawClaim } from "../../support/claims-oracle/index.js";
import { testContext } from "../../support/test-context.js";
import { type Happening, happening, remains } from "./happenings.js";
import { Scene } from "./scene.js";

/** More than in a usual run by `STS_CLAIM_CASES`; then any, unless `STS_CLAIM_SEED` says which. */
const more = process.env["STS_CLAIM_CASES"];
const seed = process.env["STS_CLAIM_SEED"] ?? (more === undefined ? "6" : undefined);
const runs = { numRuns: Number(more ?? 20_000), ...(seed !== undefined && { seed: Number(seed) }) };
const timeout = 300_000 + runs.numRuns * 10;

/** What happens around the n-th request to delete a claim: before the server has it, and before its answer is there. */
interface Moment {
  before: Happening[];
  after: Happening[];
  /** The connection breaks: the request, or its answer, is lost. */
  lost: "no" | "request" | "answer";
}

const someHappenings = (maxLength: number) => fc.array(happening, { maxLength });
const moment: fc.Arbitrary<Moment> = fc.record({
  before: someHappenings(2),
  after: someHappenings(2),
  lost: fc.constantFrom("no", "no", "no", "no", "no", "no", "request", "answer"),
});
const story = fc.record({
  world: fc.oneof({ weight: 1, arbitrary: some.worldIn("default") }, { weight: 7, arbitrary: remains }),
  asked: some.asked,
  keepData: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  concurrency: fc.constantFrom("1", "2", "32"),
  /** Finalizers keep all claims: deleted ones stay Terminating. */
  held: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
  /** Between showing and the answer `y`. */
  shown: someHappenings(3),
  moments: fc.array(moment, { maxLength: 4 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** A claim that was deleted, and whether anybody has wanted it from then on. */
interface Deleted {
  claim: RawClaim;
  wanted: boolean;
  /** The reclaim policy of its volume at that moment. */
  policy: string | undefined;
}

interface Telling {
  code: number;
  deleted: Deleted[];
  /** Deletions that were against the rules. */
  wrong: string[];
  /** UIDs of the claims that were shown and asked about. */
  shown: string[];
  scene: Scene;
  err: string;
}

const watched = ["sets", "pods", "scalers"] as const;

async function tell({ world, asked, keepData, concurrency, held, shown, moments }: Story): Promise<Telling> {
  const scene = new Scene(world);
  const { fake } = scene;
  if (held) for (const { metadata } of world.claims) fake.held.add(metadata.name);
  // Naming a deleted set includes its claims.
  const rules = asked.gone.length > 0 ? { ...asked, included: [...asked.included, "set-deleted"] } : asked;
  const before = new Map<string, RawClaim>();
  const deleted: Deleted[] = [];
  const wrong: string[] = [];
  // With one request at a time all earlier answers are known when something happens; otherwise only the end counts.
  const look = (known: readonly Deleted[]) => {
    const told = scene.world(watched);
    if (concurrency === "1") for (const one of known) one.wanted ||= isWanted(one.claim, told);
  };
  const happen = (happenings: readonly Happening[] = [], known: readonly Deleted[]) => {
    for (const one of happenings) {
      scene.happen(one);
      look(known);
    }
  };
  let requests = 0;
  let now: Moment | undefined;
  let decidedOn = scene.world();
  let asking: RawClaim | undefined;
  fake.beforeDelete = (name) => {
    now = moments[requests];
    requests += 1;
    // Deleting a claim takes nothing from what spoke for its siblings when they were shown.
    decidedOn = { ...scene.world(watched), claims: [...before.values()] };
    happen(now?.before, deleted);
    asking = scene.claim(name);
    if (now?.lost === "request") throw new ConnectionError("the request was lost");
  };
  fake.afterDelete = (name) => {
    if (!asking) throw new Error(`${name} was not there`);
    const reason = mustStay(asking, decidedOn, rules) ?? changed(before.get(name), asking);
    if (reason !== undefined) wrong.push(`${name}: ${reason}`);
    const known = [...deleted];
    deleted.push({ claim: asking, wanted: false, policy: scene.policyOf(asking) });
    happen(now?.after, known);
    look(deleted);
    if (now?.lost === "answer") throw new ConnectionError("the answer was lost");
  };
  const readLine = async () => {
    for (const claim of scene.world().claims) before.set(claim.metadata.name, claim);
    happen(shown, []);
    return "y";
  };
  const clock = {
    now: () => Date.parse("2026-01-31T00:00:00Z"),
    sleep: async () => undefined,
    after: () => () => undefined,
  };
  const stdin = { isTerminal: true, readAll: async () => Buffer.alloc(0), readLine };
  const context = testContext({ cluster: fake.asCluster(), clock, stdin });
  const options = pvcCleanupCommand.options(new Input([], [], flagsOf({ asked, keepData, concurrency })));
  const code = await pvcCleanupCommand.run(options, context).catch((error: unknown) => {
    context.err.write(`${String(error)}\n`);
    return exitCodeOf(error);
  });
  // At the end the sets are read once more, whatever the watch has told.
  const last = scene.world(["pods"]);
  for (const one of deleted) one.wanted ||= isWanted(one.claim, last);
  const lines = context.err.text.slice(0, context.err.text.indexOf("left alone:") >>> 0).split("\n");
  const isShown = (name: string) => lines.some((line) => line.startsWith(`  ${name} `));
  const named = [...before.values()].filter(({ metadata }) => isShown(metadata.name));
  return {
    code,
    deleted,
    wrong,
    shown: named.map(({ metadata }) => metadata.uid),
    scene,
    err: context.err.text,
  };
}

function flagsOf({ asked, keepData, concurrency }: Pick<Story, "asked" | "keepData" | "concurrency">) {
  const [gone] = asked.gone;
  return new Map([
    ["concurrency", [concurrency]],
    ["wait", ["false"]],
    ...(asked.included.length > 0 ? [["include", [asked.included.join(",")]] as const] : []),
    ...(gone
      ? ([
          ["set", [gone.set]],
          ["template", [gone.template]],
        ] as const)
      : []),
    ...(keepData ? [["keep-data", ["true"]] as const] : []),
  ] as [string, string[]][]);
}

/** Only a claim that was there when claims were shown, on the volume that it had then. */
function changed(then: RawClaim | undefined, now: RawClaim): string | undefined {
  if (then?.metadata.uid !== now.metadata.uid) return "was made after claims were shown";
  return then.spec.volumeName === now.spec.volumeName ? undefined : "has another volume than was shown";
}

describe("whatever others do while claims are cleaned up", () => {
  it(
    "only what the rules allow is deleted, and what became wanted keeps its volume",
    async () => {
      let deletions = 0;
      let rescues = 0;
      await fc.assert(
        fc.asyncProperty(story, async (one) => {
          const { code, deleted, wrong, shown, scene, err } = await tell(one);
          expect(wrong, err).toEqual([]);
          for (const { claim, wanted, policy } of deleted) {
            deletions += 1;
            if (policy === undefined) continue;
            if (one.keepData) expect(policy, err).toBe("Retain");
            if (!wanted) continue;
            rescues += 1;
            expect(scene.policyOf(claim), `${claim.metadata.name} is wanted\n${err}`).toBe("Retain");
            expect(code, err).not.toBe(0);
          }
          if (code !== 0) return;
          const left = scene.world().claims.filter(({ metadata }) => !metadata.deletionTimestamp);
          expect(
            left.filter(({ metadata }) => shown.includes(metadata.uid)),
            err,
          ).toEqual([]);
        }),
        runs,
      );
      expect(deletions).toBeGreaterThan(runs.numRuns / 10);
      expect(rescues).toBeGreaterThan(runs.numRuns / 1_000);
    },
    timeout,
  );
});
