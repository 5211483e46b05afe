import type { Cluster } from "../../cluster/cluster.js";
import { type ApiError, isApiError } from "../../cluster/errors.js";
import type { KubeObject } from "../../core/model.js";
import { sameContent } from "../../core/apply/content.js";
import { ownCommand, type Naming } from "../../core/progress/naming.js";
import { ExitCode, ExitError } from "../../errors.js";
import { checkBundle, isAboutObject, tryCreate, tryElsewhere } from "../bundle/dry-run.js";
import type { LocatedObject } from "../bundle/plan.js";
import { describeRefusal } from "../bundle/refusals.js";

/** What the server says of an object before anything is created. */
export type Finding =
  /** It would be created; `answer` is what the server would make of it. */
  | { object: LocatedObject; state: "new"; answer: KubeObject }
  /** It is there, exactly as asked. */
  | { object: LocatedObject; state: "identical"; answer: KubeObject }
  | { object: LocatedObject; state: "different"; error: ApiError }
  | { object: LocatedObject; state: "refused"; error: ApiError };

/** Sends every object as a server dry run. Throws the first error that is about the connection and not about an object. */
export function checkObjects(
  cluster: Cluster,
  objects: readonly LocatedObject[],
  fieldManager: string,
): Promise<Finding[]> {
  return checkBundle<Finding>(objects, {
    check: (object) =>
      find(object, tryCreate(cluster, object, fieldManager), (error) =>
        compareWithLive(cluster, object, fieldManager, error),
      ),
    checkElsewhere: (object) => find(object, tryElsewhere(cluster, object, fieldManager)),
    isNew: ({ state }) => state === "new",
  });
}

async function find(
  object: LocatedObject,
  trial: Promise<KubeObject>,
  exists?: (error: ApiError) => Promise<Finding>,
): Promise<Finding> {
  try {
    return { object, state: "new", answer: await trial };
  } catch (error) {
    if (!isAboutObject(error)) throw error;
    if (exists && error.reason === "AlreadyExists") return exists(error);
    return { object, state: "refused", error };
  }
}

/** The server itself says whether the manifest would change what is there: a dry run of merging it in changes nothing. */
async function compareWithLive(
  cluster: Cluster,
  object: LocatedObject,
  fieldManager: string,
  error: ApiError,
): Promise<Finding> {
  const { kind, manifest } = object;
  if (object.generated) return { object, state: "identical", answer: manifest as unknown as KubeObject };
  const ref = { name: manifest.metadata.name, namespace: manifest.metadata.namespace };
  try {
    const live = await cluster.get(kind, ref);
    const merge = { type: "merge", body: manifest } as const;
    const merged = await cluster.patch(kind, ref, merge, { dryRun: true, fieldManager });
    if (live.metadata["deletionTimestamp"] === undefined && sameContent(live, merged)) {
      return { object, state: "identical", answer: live };
    }
  } catch (problem) {
    if (!isApiError(problem)) throw problem;
  }
  return { object, state: "different", error };
}

/** Ends the command when an object cannot be created, or when there is nothing left to create. */
export function refuseUnlessCreatable(
  findings: readonly Finding[],
  naming: (namespace: string) => Naming,
): void {
  const errors = findings.flatMap((finding) =>
    finding.state === "refused" || finding.state === "different" ? [describeError(finding)] : [],
  );
  if (errors.length > 0)
    throw new ExitError(ExitCode.Error, [...new Set(errors), "nothing was created"].join("\n"));
  if (findings.some(({ state }) => state === "new")) return;
  const texts = findings.map(({ object: { kind, manifest } }) => {
    const resource = kind.group ? `${kind.resource}.${kind.group}` : kind.resource;
    return `Error from server (AlreadyExists): ${resource} "${manifest.metadata.name}" already exists`;
  });
  const sets = findings.filter(({ object }) => object.manifest.kind === "StatefulSet");
  const hints = sets.map(({ object: { manifest } }) => {
    const { name, namespace = "" } = manifest.metadata;
    const wait = ownCommand(naming(namespace), `rollout status ${name}`);
    return `  ${name} is as asked for already; to wait for it: ${wait}`;
  });
  throw new ExitError(ExitCode.Error, [...texts, ...hints].join("\n"));
}

function describeError({ object, state, error }: Extract<Finding, { error: ApiError }>): string {
  const { kind, manifest } = object;
  const hint = `  it is not as asked for: kubectl get ${kind.resource} ${manifest.metadata.name} -o yaml shows it`;
  return [describeRefusal(object, error), ...(state === "different" ? [hint] : [])].join("\n");
}
