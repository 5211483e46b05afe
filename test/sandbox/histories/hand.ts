import { isRefusal } from "../../../src/sandbox/controllers/framework/objects.js";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { podFault } from "../../../src/sandbox/simulator/faults.js";
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
        ...(claims && { volumeClaimTemplates: [claimTemplate] }),
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

  private strategy({ type, ...rollingUpdate }: Strategy): object {
    // Legal only where its gate is on.
    if (type === "Recreate" && !this.world.flavour.gates?.recreateStrategy) return { type: "OnDelete" };
    if (type !== "RollingUpdate") return { type };
    // Without `rollingUpdate` the controller makes a pod anew at the current revision while others have it
    // (`newVersionedStatefulSetPod`), and under Parallel deletes it in the same sync, for ever.
    if (this.policy === "Parallel") return { type, rollingUpdate: { partition: 0, ...rollingUpdate } };
    return Object.keys(rollingUpdate).length > 0 ? { type, rollingUpdate } : { type };
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

  private newTemplate({ tag, fault, ordinals, slow, delay, cpu }: Template): object {
    const annotations = {
      version: String(this.templates.length + 1),
      ...(fault && { "sandbox/fault": fault }),
      ...(ordinals && { "sandbox/fault-ordinals": ordinals }),
      ...(slow && { "sandbox/slow": slow }),
    };
    const container = {
      name: "nginx",
      image: `nginx:${tag ?? "1"}`,
      ...(delay && { readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: delay } }),
      ...(cpu && { resources: { requests: { cpu } } }),
    };
    const template = { metadata: { labels: { app: "web" }, annotations }, spec: { containers: [container] } };
    this.templates.push(template);
    return template;
  }

  private restarted(): object {
    const last = this.templates.at(-1);
    const annotations = { ...last.metadata.annotations, version: String(this.templates.length + 1) };
    const template = { ...last, metadata: { ...last.metadata, annotations } };
    this.templates.push(template);
    return template;
  }
}

const claimTemplate = {
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

function unlessGone(error: unknown): void {
  if (!isRefusal(error, "NotFound")) throw error;
}
