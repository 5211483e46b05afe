import type { AnyObject } from "../../../src/sandbox/port.js";
import { claimTemplate, restarted, templateOf, updateStrategyOf } from "../../sandbox/histories/manifest.js";
import type { Change, Claims, Plan, SetName } from "./operations.js";

export type Spec = AnyObject["spec"];

/** What becomes of the spec of a set by several changes. */
export class Draft {
  readonly spec: Spec = {};
  constructor(
    readonly set: SetName,
    readonly old: Spec,
    private readonly templates: Spec[],
  ) {}

  take(change: Change): void {
    Object.assign(this.spec, this.partOf(change));
  }

  private partOf(change: Change): Spec {
    const policy = this.old.podManagementPolicy;
    const version = { app: this.set, version: this.templates.length + 1 };
    switch (change.type) {
      case "template":
        return { template: this.keep(templateOf(change.template, version)) };
      case "undo":
        return { template: this.templates.at(-1 - change.back) ?? this.templates[0] };
      case "restart":
        return { template: this.keep(restarted(this.templates.at(-1), version.version)) };
      case "scale":
        return { replicas: change.replicas };
      case "partition": {
        const strategy = { type: "RollingUpdate" as const, partition: change.partition };
        return { updateStrategy: updateStrategyOf(strategy, policy) };
      }
      case "strategy":
        return { updateStrategy: updateStrategyOf(change.strategy, policy) };
      case "minReadySeconds":
        return { minReadySeconds: change.seconds };
      case "start":
        return { ordinals: { start: change.start } };
      case "history limit":
        return { revisionHistoryLimit: change.limit };
      case "retention":
        return { persistentVolumeClaimRetentionPolicy: change.retention };
    }
  }

  private keep(template: Spec): Spec {
    this.templates.push(template);
    return template;
  }
}

/** A set as it is created. Its template joins `templates`; names of classes begin with `prefix`. */
export function plannedSet(
  metadata: { namespace: string; name: SetName },
  plan: Plan,
  { templates, prefix }: { templates: Spec[]; prefix: string },
): object {
  const { policy, strategy } = plan;
  const { name } = metadata;
  const draft = new Draft(name, { podManagementPolicy: policy }, templates);
  draft.take({ type: "template", template: plan.template });
  const claims = claimsOf[plan.claims].map(([claim, storageClass]) =>
    claimTemplate(claim, `${prefix}-${storageClass}`),
  );
  return {
    metadata,
    spec: {
      replicas: plan.replicas,
      serviceName: name,
      podManagementPolicy: policy,
      selector: { matchLabels: { app: name } },
      ordinals: { start: plan.start },
      minReadySeconds: plan.minReadySeconds,
      updateStrategy: updateStrategyOf(strategy, policy),
      persistentVolumeClaimRetentionPolicy: plan.retention,
      revisionHistoryLimit: plan.historyLimit,
      ...(claims.length > 0 && { volumeClaimTemplates: claims }),
      ...draft.spec,
    },
  };
}

/** Template and class. The second of `two` of the set `web` makes the claims of the first of `a-web`: `data-a-web-0`. */
const claimsOf: Record<Claims, [name: string, storageClass: string][]> = {
  none: [],
  now: [["data", "now"]],
  late: [["data", "late"]],
  kept: [["data", "kept"]],
  two: [
    ["data", "now"],
    ["data-a", "now"],
  ],
};
