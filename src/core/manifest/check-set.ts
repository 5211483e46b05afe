import { claimName } from "../identity.js";
import type { Manifest } from "../model.js";
import { serviceNameProblem, setNameProblem } from "./names.js";
import { setSpec } from "./service.js";
import type { Finding } from "./shape.js";

/** Kubernetes is built for no more pods than this in a whole cluster ("Considerations for large clusters"). */
export const mostReplicas = 150_000;

/** What can be said against a StatefulSet before any server is asked, and no server would say, or only too late. */
export function checkStatefulSet(set: Manifest): Finding[] {
  const { serviceName, replicas = 1, ordinals, volumeClaimTemplates = [] } = setSpec(set);
  const { name } = set.metadata;
  const findings: (Finding | undefined | false)[] = [
    finding(["metadata", "name"], setNameProblem(name)),
    serviceName ? finding(["spec", "serviceName"], serviceNameProblem(serviceName)) : undefined,
    finding(["spec", "replicas"], countProblem(replicas, mostReplicas)),
    finding(["spec", "ordinals", "start"], countProblem(ordinals?.start ?? 0, 2_147_483_647)),
    ...volumeClaimTemplates.map(({ metadata }, index) => {
      const longest = claimName(metadata?.name ?? "", name, (ordinals?.start ?? 0) + replicas);
      return longest.length <= 253
        ? undefined
        : finding(
            ["spec", "volumeClaimTemplates", index, "metadata", "name"],
            "makes names of claims longer than 253",
          );
    }),
  ];
  return findings.filter((found): found is Finding => Boolean(found));
}

function finding(path: Finding["path"], message: string | undefined): Finding | undefined {
  return message === undefined ? undefined : { path, message };
}

function countProblem(count: number, most: number): string | undefined {
  return count >= 0 && count <= most ? undefined : `must be from 0 to ${most}, and is ${count}`;
}
