import { sandboxKinds } from "../kinds/registry.js";
import type { ClusterPort } from "../port.js";
import type { Clock } from "../simulator/clock.js";
import { disruptionController } from "./disruption-budgets.js";
import { endpointSliceController } from "./endpoint-slices.js";
import type { ControllerContext } from "./framework/controller.js";
import { Resources } from "./framework/resource.js";
import { garbageCollector } from "./garbage-collector.js";
import { type Gates, gatesOf } from "./gates.js";
import { namespaceController } from "./namespaces.js";
import { statefulSetController } from "./statefulset/controller.js";
import { claimBinder } from "./volumes/binder.js";
import { claimProtection, volumeProtection } from "./volumes/protection.js";

export type { Gates } from "./gates.js";

export interface ControllerOptions {
  clock: Clock;
  /** How many times faster than life `minReadySeconds` passes; 1 when left out. Changes no order. */
  speed?: number;
  /** `1.36` or `1.37`: decides on the gates. */
  kubernetesVersion: string;
  /** Gates that differ from the version's defaults. */
  gates?: Partial<Gates>;
  /** Told of each sync that failed; it is repeated in any case, later and later. */
  onError?: (error: unknown, key: string) => void;
}

/** Starts what a controller manager runs, as far as StatefulSets need it. Resolves when all of it is at work. */
export async function startControllers(
  port: ClusterPort,
  options: ControllerOptions,
): Promise<{ stop(): void }> {
  const { clock, speed = 1, kubernetesVersion, gates, onError } = options;
  const resources = new Resources(port);
  const context: ControllerContext = {
    clock,
    speed,
    gates: gatesOf(kubernetesVersion, gates),
    resources,
    onError,
  };
  const kinds = sandboxKinds();
  const collected = kinds
    .filter(({ kind }) => kind !== "Event")
    .map((kind) => ({ ...kind, apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version }));
  const contents = kinds.filter(({ namespaced }) => namespaced);

  const controllers = [
    statefulSetController(context),
    garbageCollector(context, collected),
    claimBinder(context),
    claimProtection(context),
    volumeProtection(context),
    namespaceController(context, contents),
    endpointSliceController(context),
    disruptionController(context),
  ];
  await resources.start();
  for (const controller of controllers) controller.start();
  return {
    stop() {
      for (const controller of controllers) controller.stop();
      resources.stop();
    },
  };
}
