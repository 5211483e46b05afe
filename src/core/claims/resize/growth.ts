import type { Claim } from "../../model.js";
import { compareQuantities } from "../../quantity.js";
import { capacityOf } from "../size.js";

/**
 * Where a claim is on its way to a size. `Requested`: nobody has answered yet. `Resizing`: the volume grows.
 * `FileSystemResizePending`: the volume has grown, its file system has not. `ResizeFailed`: whoever grows it has given up.
 * `Resized`: it has the size, or more.
 */
export type GrowthState = "Requested" | "Resizing" | "FileSystemResizePending" | "ResizeFailed" | "Resized";

export interface Growth {
  state: GrowthState;
  /** In the words of the resizer or of the kubelet: why it failed, or why its file system does not grow. */
  message?: string;
  /** Of a file system: since when it waits, in milliseconds since the epoch. */
  since?: number;
  /** Of a file system: when the driver refused to grow it while a pod had it mounted, in the same way. */
  refusedAt?: number;
}

/**
 * The external resizer and the kubelet write conditions (all releases) and `allocatedResourceStatuses` (KEP-1790
 * RecoverVolumeExpansionFailure, on by default since 1.32).
 */
export function growthOf(claim: Claim, size: string): Growth {
  const { status = {} } = claim;
  const condition = (type: string) =>
    status.conditions?.find((one) => one.type === type && one.status === "True");
  const [resizing, pending] = [condition("Resizing"), condition("FileSystemResizePending")];
  const stage: string = status.allocatedResourceStatuses?.["storage"] ?? "";
  const refused = condition("NodeResizeError");
  const failed = refused ?? condition("ControllerResizeError");
  const tried = status.allocatedResources?.["storage"] ?? size;
  // Given up is one size: another may be tried in a moment.
  if (/(Infeasible|Failed)$/.test(stage) && compareQuantities(tried, size) === 0) {
    return { state: "ResizeFailed", message: wordsOf(failed) ?? stage };
  }
  if (pending) {
    return {
      state: "FileSystemResizePending",
      ...(refused && { refusedAt: timeOf(refused), message: wordsOf(refused) ?? refused.type }),
      since: timeOf(pending),
    };
  }
  if (resizing || stage !== "") return { state: "Resizing" };
  return { state: compareQuantities(capacityOf(claim) ?? "0", size) >= 0 ? "Resized" : "Requested" };
}

/** Without what the resizer and the kubelet put before the driver's words. */
function wordsOf(condition: { message?: string } | undefined): string | undefined {
  return condition?.message?.replace(/^failed to expand pvc with /, "");
}

function timeOf({ lastTransitionTime }: { lastTransitionTime?: string }): number {
  return Date.parse(lastTransitionTime ?? "") || 0;
}
