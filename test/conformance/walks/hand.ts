import type { AnyObject, ClusterPort } from "../../../src/sandbox/port.js";
import { podFault } from "../../../src/sandbox/simulator/faults.js";
import { claimTemplate, restarted, templateOf, updateStrategyOf } from "../../sandbox/histories/manifest.js";
import { isReady } from "../../sandbox/histories/world.js";
import type { View } from "./observer.js";
import { ordinalOf } from "./names.js";
import type { Act, Change, Claims, Move, Plan, SetName } from "./operations.js";

type Spec = AnyObject["spec"];

/** What becomes of the spec of a set by several changes. */
class Draft {
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
      case "retention":
        return { persistentVolumeClaimRetentionPolicy: change.retention };
    }
  }

  private keep(template: Spec): Spec {
    this.templates.push(template);
    return template;
  }
}

/** Does the moves of a walk on one side. */
export class Hand {
  private readonly templates = new Map<SetName, Spec[]>();

  constructor(
    private readonly port: ClusterPort,
    private readonly namespace: string,
    /** Names of classes begin so. */
    private readonly prefix: string,
    private readonly view: () => View,
  ) {}

  /** What came of it: `ok`, nothing where there is nothing to do it to, or the refusal. */
  async do({ set, act }: Move): Promise<string> {
    try {
      return (await this.act(set, act)) === false ? "nothing" : "ok";
    } catch (error) {
      if (!(error instanceof Error) || !("reason" in error)) throw error;
      return `${String(error.reason)}: ${error.message}`;
    }
  }

  /** False when there is nothing to do it to. */
  private async act(set: SetName, act: Act): Promise<unknown> {
    const { port, namespace } = this;
    switch (act.type) {
      case "create":
        return await port.create("statefulsets", this.manifest(set, act.plan));
      case "together":
        return await this.change(set, () => act.changes);
      case "scale twice":
        return (await this.scaleBy(set, act.by)) && (await this.scaleBy(set, act.by));
      case "heal":
        return await this.heal(set);
      case "return pods":
        return await this.returnPods(set);
      case "create budget": {
        const spec = { selector: { matchLabels: { app: set } }, ...act.limit };
        return await port.create("poddisruptionbudgets", { metadata: { namespace, name: set }, spec });
      }
      case "delete budget":
        return await port.delete("poddisruptionbudgets", { namespace, name: set });
      case "delete set":
        return await port.delete("statefulsets", { namespace, name: set }, { propagation: act.propagation });
      case "delete claim":
        return await this.pick(this.claimsOf(set), act.pick, (claim) =>
          port.delete("persistentvolumeclaims", claim.metadata),
        );
      case "delete revision": {
        const revisions = this.view().controllerrevisions.filter(
          ({ metadata }) => metadata.labels?.["app"] === set,
        );
        const inOrder = revisions.toSorted((a, b) => a["revision"] - b["revision"]);
        return await this.pick(inOrder, act.pick, ({ metadata }) =>
          port.delete("controllerrevisions", metadata),
        );
      }
      case "delete pod":
      case "evict pod":
      case "fail pod":
      case "lose node":
      case "release pod":
      case "orphan pod":
        return await this.pick(this.podsOf(set), act.pick, (pod) => this.touch(pod, act));
      default:
        return await this.change(set, () => [act]);
    }
  }

  private async touch(pod: AnyObject, act: Extract<Act, { pick: number }>): Promise<unknown> {
    const { port } = this;
    const target = pod.metadata;
    switch (act.type) {
      case "delete pod":
        return await port.delete("pods", target, act.force ? { gracePeriodSeconds: 0 } : {});
      case "evict pod": {
        const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: target.name } };
        return await port.post("pods", target, "eviction", eviction);
      }
      case "fail pod": {
        if (!isReady(pod) || target.deletionTimestamp) return false;
        const conditions = [{ type: "Ready", status: "False", reason: "PodFailed" }];
        return await port.patch(
          "pods",
          target,
          { status: { phase: "Failed", reason: "Evicted", conditions } },
          "status",
        );
      }
      case "lose node": {
        if (!isReady(pod) || target.deletionTimestamp) return false;
        const annotations = { "sandbox/fault": "node-lost", "sandbox/fault-ordinals": null };
        return await port.patch("pods", target, { metadata: { annotations } });
      }
      case "release pod":
        return await port.patch("pods", target, { metadata: { labels: { app: "nobody" } } });
      default:
        return await port.patch("pods", target, { metadata: { ownerReferences: null } });
    }
  }

  private async pick(
    objects: AnyObject[],
    pick: number,
    act: (object: AnyObject) => Promise<unknown>,
  ): Promise<unknown> {
    const object = objects[pick % Math.max(1, objects.length)];
    return object ? await act(object) : false;
  }

  private podsOf(set: SetName): AnyObject[] {
    return this.view().pods.filter(({ metadata }) => ordinalOf(set, metadata.name) !== undefined);
  }

  private claimsOf(set: SetName): AnyObject[] {
    return this.view().persistentvolumeclaims.filter(({ metadata }) => metadata.labels?.["app"] === set);
  }

  private async heal(set: SetName): Promise<unknown> {
    const broken = this.podsOf(set).filter((pod) => podFault(pod) !== undefined);
    const annotations = { "sandbox/fault": null };
    for (const { metadata } of broken) await this.port.patch("pods", metadata, { metadata: { annotations } });
    return broken.length > 0;
  }

  private async returnPods(set: SetName): Promise<unknown> {
    const released = this.podsOf(set).filter(({ metadata }) => metadata.labels?.["app"] !== set);
    for (const { metadata } of released)
      await this.port.patch("pods", metadata, { metadata: { labels: { app: set } } });
    return released.length > 0;
  }

  private scaleBy(set: SetName, by: number): Promise<boolean> {
    return this.change(set, ({ replicas }) => [{ type: "scale", replicas: Math.max(0, replicas + by) }]);
  }

  private async change(name: SetName, changes: (spec: Spec) => Change[]): Promise<boolean> {
    const set = await this.port.get("statefulsets", { namespace: this.namespace, name });
    if (!set) return false;
    const draft = new Draft(name, set["spec"], this.templatesOf(name));
    for (const change of changes(set["spec"])) draft.take(change);
    const { resourceVersion: _any, ...metadata } = set.metadata;
    await this.port.update("statefulsets", {
      ...set,
      metadata,
      spec: { ...set["spec"], ...draft.spec },
    } as unknown as AnyObject);
    return true;
  }

  private templatesOf(set: SetName): Spec[] {
    const templates = this.templates.get(set) ?? [];
    this.templates.set(set, templates);
    return templates;
  }

  private manifest(name: SetName, plan: Plan): object {
    const { policy, strategy } = plan;
    const draft = new Draft(name, { podManagementPolicy: policy }, this.templatesOf(name));
    draft.take({ type: "template", template: plan.template });
    const claims = claimsOf[plan.claims].map(([claim, storageClass]) =>
      claimTemplate(claim, `${this.prefix}-${storageClass}`),
    );
    return {
      metadata: { namespace: this.namespace, name },
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
