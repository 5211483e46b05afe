import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import type { Claim, Pod } from "../../../src/core/model.js";
import type { Scenario } from "./cluster.js";
import type { Result } from "./process.js";

/** The text of a manifest of the documents. */
export function seed(name: string): string {
  return readFileSync(path.resolve("test/fixtures/seeds", name), "utf8");
}

/** Runs `sts` and fails, with all it said, when it does not end with the code. */
export async function ends(scenario: Scenario, code: number, ...args: string[]): Promise<Result> {
  const result = await scenario.sts(args);
  expect(result.code, `sts ${args.join(" ")}\n${result.stdout}\n${result.stderr}`).toBe(code);
  return result;
}

/** Runs `sts`, which must succeed, and returns what it printed on stdout, line by line. */
export async function lines(scenario: Scenario, ...args: string[]): Promise<string[]> {
  return (await ends(scenario, 0, ...args)).stdout.trimEnd().split("\n");
}

export async function podsOf(scenario: Scenario): Promise<Map<string, Pod>> {
  const { items } = await scenario.cluster.list(kinds.pod, { namespace: scenario.namespace });
  return new Map(items.map((pod) => [pod.metadata.name, pod]));
}

export async function claimsOf(scenario: Scenario): Promise<Map<string, Claim>> {
  const { items } = await scenario.cluster.list(kinds.claim, { namespace: scenario.namespace });
  return new Map(items.map((claim) => [claim.metadata.name, claim]));
}

/** Names, sorted as ordinals are: `web-9` before `web-10`. */
export function names(objects: Iterable<string>): string[] {
  return [...objects].toSorted((left, right) => left.localeCompare(right, "en", { numeric: true }));
}

export function imageOf(pod: Pod | undefined): string | undefined {
  return pod?.spec.containers[0]?.image;
}

/** The tags of the pods' images, lowest ordinal first: `1 1 2`. */
export async function images(scenario: Scenario): Promise<string> {
  const pods = await podsOf(scenario);
  return names(pods.keys())
    .map((name) => imageOf(pods.get(name))?.replace("nginx:", ""))
    .join(" ");
}

/** By pod: which one it is. */
export async function uids(scenario: Scenario): Promise<Map<string, string>> {
  return new Map([...(await podsOf(scenario))].map(([name, { metadata }]) => [name, metadata.uid]));
}

/** Pods in the order in which the lines of a plain progress say something: `web-2: created` and the like. */
export function order(result: Result, what: string): string[] {
  return [...result.stderr.matchAll(new RegExp(`^\\S+ (\\S+): ${what}`, "gm"))].map(([, pod]) => pod ?? "");
}
