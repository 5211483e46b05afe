import type { Cluster } from "../../cluster/cluster.js";
import type { Context } from "../../context.js";
import { Follower } from "./following/follower.js";
import type { FollowRequest, FollowResult } from "./following/target.js";

export { announcement } from "./following/target.js";
export type { FollowRequest, FollowResult, FollowTarget, Operation } from "./following/target.js";

/**
 * Waits until every target has reached its goal or cannot, showing progress on `context.err`; the verdicts are printed
 * there too. Throws an InterruptedError after Ctrl-C, and the cluster's error when a set or its pods cannot be watched.
 */
export async function follow(
  context: Context,
  cluster: Cluster,
  request: FollowRequest,
): Promise<FollowResult> {
  const follower = new Follower(context, cluster, request);
  try {
    return await follower.run();
  } finally {
    follower.close();
  }
}
