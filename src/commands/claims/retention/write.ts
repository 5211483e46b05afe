import type { Cluster } from "../../../cluster/index.js";
import {
  describePolicy,
  retentionOf,
  samePolicy,
  type RetentionPolicy,
} from "../../../core/claims/retention.js";
import type { StatefulSet } from "../../../core/model.js";
import { ExitCode, ExitError } from "../../../errors.js";
import { patchSet } from "../../shared/revise.js";

export const allRetained: RetentionPolicy = { whenScaled: "Retain", whenDeleted: "Retain" };

/**
 * Writes the retention policy of a set in one patch and reads it back from the answer: a server without the feature
 * (StatefulSetAutoDeletePVC, on by default since 1.27) drops the field without a word, which is an ExitError here.
 */
export async function writePolicy(
  cluster: Cluster,
  set: StatefulSet,
  policy: RetentionPolicy,
  { dryRun = false } = {},
): Promise<StatefulSet> {
  const written = await patchSet(
    cluster,
    set,
    ({ metadata: { resourceVersion } }) => ({
      type: "merge",
      body: { metadata: { resourceVersion }, spec: { persistentVolumeClaimRetentionPolicy: policy } },
    }),
    { dryRun },
  );
  const stored = retentionOf(written);
  if (samePolicy(stored, policy)) return written;
  const { namespace, name } = set.metadata;
  throw new ExitError(
    ExitCode.Error,
    `error: ${namespace}/${name}: the server took ${describePolicy(policy)} and stored ${describePolicy(stored)}: ` +
      "it does not know persistentVolumeClaimRetentionPolicy (on by default since Kubernetes 1.27)",
  );
}
