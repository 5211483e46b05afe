import type { AnyObject, ClusterPort } from "../../../src/sandbox/port.js";
import { podFault } from "../../../src/sandbox/simulator/faults.js";
import { isReady } from "../../sandbox/histories/world.js";
import { Draft, plannedSet, type Spec } from "./draft.js";
import type { View } from "./observer.js";
import { hold, ordinalOf } from "./names.js";
import type { Act, Change, Move, SetName } from "./operations.js";

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
        return await port.create(
          "statefulsets",
          plannedSet({ namespace, name: set }, act.plan, {
            templates: this.templatesOf(set),
            prefix: this.prefix,
          }),
        );
      case "together":
        return await this.change(set, () => act.changes);
      case "scale twice":
        return (await this.scaleBy(set, act.by)) && (await this.scaleBy(set, act.by));
      case "heal":
        return await this.heal(set);
      case "return pods":
        return await this.returnPods(set);
      case "free pods":
        return await this.freePods(set);
      case "plant pod":
        return await this.plantPod(set, act.label);
      case "plant claim":
        return await this.plantClaim(set);
      case "create budget": {
        const spec = { selector: { matchLabels: { app: set } }, ...act.limit };
        return await port.create("poddisruptionbudgets", { metadata: { namespace, name: set }, spec });
      }
      case "change budget": {
        const limit = { minAvailable: null, maxUnavailable: null, ...act.limit };
        return await port.patch("poddisruptionbudgets", { namespace, name: set }, { spec: limit });
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
      case "hold pod":
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
      case "hold pod":
        // What is being deleted takes no more finalizers.
        return !target.deletionTimestamp && (await this.setFinalizers(pod, [hold]));
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

  private async freePods(set: SetName): Promise<boolean> {
    const held = this.podsOf(set).filter(({ metadata }) => metadata.finalizers?.includes(hold));
    for (const pod of held) await this.setFinalizers(pod, null);
    return held.length > 0;
  }

  private setFinalizers({ metadata }: AnyObject, finalizers: string[] | null): Promise<AnyObject> {
    return this.port.patch("pods", metadata, { metadata: { finalizers } });
  }

  /** Takes the name of the set's next pod. */
  private async plantPod(set: SetName, label: string): Promise<AnyObject> {
    const { namespace } = this;
    const name = `${set}-${this.nextOrdinal(set)}`;
    const spec = { containers: [{ name: "nginx", image: "nginx:1" }] };
    return await this.port.create("pods", {
      metadata: { namespace, name, labels: { app: label === "own" ? set : label } },
      spec,
    });
  }

  /** Makes the claim of the set's next pod before the set does. */
  private async plantClaim(name: SetName): Promise<unknown> {
    const { namespace } = this;
    const set = await this.port.get("statefulsets", { namespace, name });
    const [template] = (set?.["spec"].volumeClaimTemplates ?? []) as AnyObject[];
    if (!template) return false;
    const claim = `${template.metadata.name}-${name}-${this.nextOrdinal(name)}`;
    return await this.port.create("persistentvolumeclaims", {
      metadata: { namespace, name: claim, labels: { app: name } },
      spec: template["spec"],
    });
  }

  private nextOrdinal(set: SetName): number {
    return Math.max(-1, ...this.podsOf(set).map(({ metadata }) => ordinalOf(set, metadata.name) ?? -1)) + 1;
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
}
