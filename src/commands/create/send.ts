import type { Cluster } from "../../cluster/cluster.js";
import type { KubeObject } from "../../core/model.js";
import { describeError, exitCodeOf, ExitError } from "../../errors.js";
import { resourceName } from "../../view/output.js";
import type { Finding } from "./check.js";
import type { LocatedObject } from "../bundle/plan.js";

/** An object as the server has it now. */
export interface Result {
  object: LocatedObject;
  answer: KubeObject;
  action: "created" | "unchanged";
}

/**
 * Creates what is not there yet, one after the other. When one fails, or the signal aborts, the error says what was
 * created and how to go on: running the same again keeps what is as asked for.
 */
export async function createObjects(
  cluster: Cluster,
  findings: readonly Finding[],
  fieldManager: string,
  signal: AbortSignal,
  onResult: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const finding of findings) {
    const result = await createNext(cluster, finding, fieldManager, signal).catch((error: unknown) => {
      throw halfWay(error, finding.object, results);
    });
    results.push(result);
    onResult(result);
  }
  return results;
}

async function createNext(
  cluster: Cluster,
  finding: Finding,
  fieldManager: string,
  signal: AbortSignal,
): Promise<Result> {
  const { object } = finding;
  if (finding.state === "identical") return { object, answer: finding.answer, action: "unchanged" };
  signal.throwIfAborted();
  const options = { fieldManager, fieldValidation: "Strict" } as const;
  const answer = await cluster.create(object.kind, object.manifest, options);
  return { object, answer, action: "created" };
}

function halfWay(error: unknown, failed: LocatedObject, results: readonly Result[]): unknown {
  const created = results.filter(({ action }) => action === "created");
  if (created.length === 0) return error;
  const names = created.map(({ object }) => resourceName(object.manifest)).join(", ");
  return new ExitError(
    exitCodeOf(error),
    [
      describeError(error),
      `  ${resourceName(failed.manifest)} was not created; created before it, and there to stay: ${names}`,
      "  once the cause is gone, run the same command again: it goes on with what is missing",
    ].join("\n"),
  );
}
