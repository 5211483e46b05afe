import type { AnyObject } from "../port.js";

/** Whether a pod has ended for good: it holds neither claims nor a place on its node, and answers nobody. */
export function hasEnded({ status }: AnyObject): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}
