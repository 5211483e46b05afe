import { isRefusal } from "../../../src/sandbox/controllers/framework/objects.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { podFault } from "../../../src/sandbox/simulator/faults.js";
import { claimTemplate, restarted, templateOf, updateStrategyOf } from "./manifest.js";
import type { Beginning, Operation, Strategy, Template } from "./operations.js";
import { isReady, web, type World } from "./world.js";

/** Does the operations of a history to a world, one after the other. */
export class Hand {
  /** Pods whose fault was taken away: they may have been waiting for their next try, as only who did it can know. */
  readonly mended = new Set<string>();
  private policy: Beginning["policy"] = "OrderedReady";
  private readonly templates: AnyObject["spec"][] = [];

  constructor(private readonly world: World) {}

  async create(beginning: Beginning): Promise<void> {
    this.policy = beginning.policy;
    const { policy, claims, whenScaled, replicas: count, template } = beginning;
    await this.world.port.create("statefulsets", {
      metadata: web,
      spec: {
        replicas: count,
        serviceName: "web",
        podManagementPolicy: policy,
        selector: { matchLabels: { app: "web" } },
        template: this.newTemplate(template),
        ordinals: { start: beginning.start },
        minReadySeconds: beginning.minReadySeconds,
        updateStrategy: this.strategy(beginning.strategy),
        persistentVolumeClaimRetentionPolicy: { whenScaled },
        ...(claims && { volumeClaimTemplates: [claimTemplate("data")] }),
      },
    });
  }

  async do(operation: Operation): Promise<void> {
    switch (operation.type) {
      case "template":
        return await this.change({ template: this.newTemplate(operation.template) });
      case "undo": {
        const template = this.templates.at(-1 - operation.back) ?? this.templates[0];
        return await this.change({ template });
      }
      case "restart":
        return await this.change({ template: this.restarted() });
      case "scale":
        return await this.change({ replicas: operation.replicas });
      case "partition":
        return await this.change({
          updateStrategy: this.strategy({ type: "RollingUpdate", partition: operation.partition }),
        });
      case "strategy":
        return await this.change({ updateStrategy: this.strategy(operation.strategy) });
      case "minReadySeconds":
        return await this.change({ minReadySeconds: operation.seconds });
      case "start":
        return await this.change({ ordinals: { start: operation.start } });
      default:
        return await this.touchPods(operation);
    }
  }

  private async touchPods(
    operation: Extract<Operation, { type: "delete pod" | "evict pod" | "lose node" | "heal" }>,
  ): Promise<void> {
    const { port } = this.world;
    const pods = await port.list("pods", web.namespace);
    const pod = "pick" in operation ? pods[operation.pick % Math.max(1, pods.length)] : undefined;
    if (operation.type === "heal") {
      const annotations = { "sandbox/fault": null };
      for (const each of pods) {
        if (podFault(each) !== undefined) this.mended.add(each.metadata.uid);
        await port.patch("pods", each.metadata, { metadata: { annotations } });
      }
    }
    if (operation.type === "lose node" && pod && isReady(pod)) {
      const annotations = { "sandbox/fault": "node-lost", "sandbox/fault-ordinals": null };
      await port.patch("pods", pod.metadata, { metadata: { annotations } });
      await this.world.pass(5_000);
    }
    if (operation.type === "delete pod" && pod) {
      const options = operation.force ? { gracePeriodSeconds: 0 } : {};
      await port.delete("pods", pod.metadata, options).catch(unlessGone);
    }
    if (operation.type === "evict pod" && pod && isReady(pod)) {
      const conditions = [{ type: "Ready", status: "False", reason: "PodFailed" }];
      const status = { phase: "Failed", reason: "Evicted", conditions };
      await port.patch("pods", pod.metadata, { status }, "status");
    }
  }

  private strategy(strategy: Strategy): object {
    // Legal only where its gate is on.
    const legal = strategy.type !== "Recreate" || this.world.flavour.gates?.recreateStrategy;
    return updateStrategyOf(legal ? strategy : { type: "OnDelete" }, this.policy);
  }

  private async change(spec: object): Promise<void> {
    const set = await this.world.port.get("statefulsets", web);
    const { resourceVersion: _any, ...metadata } = set?.metadata ?? {};
    await this.world.port.update("statefulsets", {
      ...set,
      metadata,
      spec: { ...set?.["spec"], ...spec },
    } as unknown as AnyObject);
  }

  private newTemplate(template: Template): object {
    return this.keep(templateOf(template, { app: "web", version: this.templates.length + 1 }));
  }

  private restarted(): object {
    return this.keep(restarted(this.templates.at(-1), this.templates.length + 1));
  }

  private keep(template: AnyObject["spec"]): object {
    this.templates.push(template);
    return template;
  }
}

function unlessGone(error: unknown): void {
  if (!isRefusal(error, "NotFound")) throw error;
}
