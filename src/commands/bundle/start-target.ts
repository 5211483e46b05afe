import { setSpec } from "../../core/manifest/service.js";
import type { KubeObject, Manifest, StatefulSet } from "../../core/model.js";
import { ownCommand, type NamingFor } from "../../core/progress/naming.js";
import { scaleTitle } from "../../core/scaling.js";
import type { FollowTarget } from "../shared/follow.js";

/** How the ordered start of a set is followed. `answer` is the set as the server has stored it. */
export function startTarget(
  naming: NamingFor,
  manifest: Manifest,
  answer: KubeObject,
  notes: string[],
): FollowTarget {
  const { name, namespace = "" } = manifest.metadata;
  const written = answer as unknown as StatefulSet;
  const { replicas = 1 } = setSpec(manifest);
  const atZero = { ...written, spec: { ...written.spec, replicas: 0 } };
  return {
    namespace,
    name,
    goal: { type: "settled" },
    title: replicas === 0 ? "0 replicas" : scaleTitle(atZero, replicas),
    notes,
    written,
    back: { label: "go back", command: ownCommand(naming(namespace), `delete ${name}`) },
  };
}
