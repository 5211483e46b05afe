import { describe, expect } from "vitest";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import { openWire, type Wire } from "./support/proxy.js";
import { ends, names, order, podsOf } from "./support/walk.js";

/** A set of one pod, whose further pods take so long of the simulated world each. */
async function createSlow(scenario: Scenario, slow = "30s"): Promise<void> {
  await ends(scenario, 0, "create", "web", "--image=nginx:1.29", "--replicas=1");
  await annotate(scenario, { "sandbox/slow": slow });
  await ends(scenario, 0, "rollout", "status", "web");
}

const slowSet = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web }
spec:
  replicas: 4
  serviceName: web
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web }, annotations: { sandbox/slow: 60s } }
    spec: { containers: [{ name: nginx, image: nginx, ports: [{ containerPort: 80 }] }] }
`;

/** Gives the pods annotations, which simulated nodes look at. */
async function annotate(scenario: Scenario, annotations: Record<string, string>): Promise<void> {
  await patch(scenario, { spec: { template: { metadata: { annotations } } } });
}

/** What somebody else does, under a name of their own. */
async function patch(scenario: Scenario, body: object, fieldManager = "somebody"): Promise<void> {
  const ref = { namespace: scenario.namespace, name: "web" };
  await scenario.cluster.patch(kinds.statefulSet, ref, { type: "merge", body }, { fieldManager });
}

async function withWire<T>(scenario: Scenario, use: (wire: Wire) => Promise<T>): Promise<T> {
  const wire = await openWire(scenario.env["KUBECONFIG"] ?? "");
  try {
    return await use(wire);
  } finally {
    await wire.close();
  }
}

describe("somebody else, in the middle", () => {
  it("changes spec.replicas: exit code 6, and who", async ({ scenario }) => {
    await createSlow(scenario);
    const scaling = scenario.start(["scale", "web", "--replicas=4"]);
    await scaling.untilWritten(/web-1: created/);
    await patch(scenario, { spec: { replicas: 2 } }, "autopilot");
    const { code, stdout, stderr } = await scaling.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 6, stdout: "" });
    expect(stderr).toMatch(/^✗ \S+\/web: autopilot changed spec\.replicas to 2 meanwhile$/m);
  });

  it("changes the image in a rollout: exit code 6, and who", async ({ scenario }) => {
    await createSlow(scenario);
    const rolling = scenario.start(["set", "image", "web", "nginx=nginx:1.30"]);
    await rolling.untilWritten(/web-0: created/);
    const template = { spec: { containers: [{ name: "nginx", image: "nginx:1.31" }] } };
    await patch(scenario, { spec: { template } }, "autopilot");
    const { code, stdout, stderr } = await rolling.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 6, stdout: "" });
    expect(stderr).toMatch(/^✗ \S+\/web: autopilot changed the pod template meanwhile$/m);
  });

  it("deletes the set: exit code 6", async ({ scenario }) => {
    await createSlow(scenario);
    const scaling = scenario.start(["scale", "web", "--replicas=3"]);
    await scaling.untilWritten(/web-1: created/);
    await scenario.cluster.delete(kinds.statefulSet, { namespace: scenario.namespace, name: "web" });
    const { code, stdout, stderr } = await scaling.ended;
    expect({ code, stdout }, stderr).toEqual({ code: 6, stdout: "" });
    expect(stderr).toMatch(/^✗ \S+\/web: the set (was|is being) deleted$/m);
  });

  it("was first: --current-replicas and --resource-version change nothing", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=2");
    const { metadata, spec } = (await scenario.read(kinds.statefulSet, "web")) ?? {};
    const few = await ends(scenario, 6, "scale", "web", "--replicas=4", "--current-replicas=3");
    expect(few.stderr).toBe("error: Expected replicas of web to be 3, was 2; nothing was scaled\n");
    const old = await ends(scenario, 6, "scale", "web", "--replicas=4", "--resource-version=1");
    expect(old.stderr).toMatch(
      /^error: Expected resource version of web to be 1, was \d+; nothing was scaled\n$/,
    );
    expect([few.stdout, old.stdout]).toEqual(["", ""]);
    const after = await scenario.read(kinds.statefulSet, "web");
    expect(after?.metadata.generation).toBe(metadata?.generation);
    expect(after?.spec.replicas).toBe(spec?.replicas);
    await ends(scenario, 0, "scale", "web", "--replicas=1", "--current-replicas=2");
  });
});

describe("killed in the middle", () => {
  it("a scale is finished by running it again", async ({ scenario }) => {
    await createSlow(scenario, "60s");
    const scaling = scenario.start(["scale", "web", "--replicas=4"]);
    await scaling.untilWritten(/web-1: created/);
    scaling.kill("SIGKILL");
    expect((await scaling.ended).signal).toBe("SIGKILL");
    const again = await ends(scenario, 0, "scale", "web", "--replicas=4");
    expect(again.stdout).toBe("statefulset.apps/web scaled\n");
    expect(order(again, "ready").at(-1)).toBe("web-3");
    expect(names((await podsOf(scenario)).keys())).toEqual(["web-0", "web-1", "web-2", "web-3"]);
  });

  it("a create is finished by running it again", async ({ scenario }) => {
    const args = ["create", "-f", scenario.file("web.yaml", slowSet)];
    const creating = scenario.start(args);
    await creating.untilWritten(/web-0: created/);
    creating.kill("SIGKILL");
    await creating.ended;
    await ends(scenario, 0, ...args);
    expect(names((await podsOf(scenario)).keys())).toEqual(["web-0", "web-1", "web-2", "web-3"]);
  });
});

describe("called off", () => {
  it.for([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "by %s: exit code %i, the cluster as it is, and how to go on",
    async ([signal, code], { scenario }) => {
      await createSlow(scenario);
      const scaling = scenario.start(["scale", "web", "--replicas=3"]);
      await scaling.untilWritten(/web-1: created/);
      scaling.kill(signal);
      const result = await scaling.ended;
      expect(result, result.stderr).toMatchObject({ code, stdout: "" });
      expect(result.stderr).toMatch(/^\S+\/web: left as it is: (\d of 3 ready, )?waiting for /m);
      const [, command] = /^ {2}watch again +sts (.*)$/m.exec(result.stderr) ?? [];
      expect(command).toBe("rollout status web");
      expect((await scenario.read(kinds.statefulSet, "web"))?.spec.replicas).toBe(3);
      await ends(scenario, 0, ...(command ?? "").split(" "));
      expect((await podsOf(scenario)).size).toBe(3);
    },
  );

  it("while a server gives no answer at all", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    await withWire(scenario, async (wire) => {
      wire.freeze();
      const scaling = scenario.start(["scale", "web", "--replicas=3"], {
        env: { KUBECONFIG: wire.kubeconfig },
      });
      await wire.connected();
      const begun = Date.now();
      scaling.kill("SIGINT");
      const { code, stdout, stderr } = await scaling.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: "" });
      expect(Date.now() - begun).toBeLessThan(5_000);
    });
  });

  it("twice: ends at once", async ({ scenario }) => {
    await ends(scenario, 0, "create", "web", "--image=nginx", "--replicas=1");
    await withWire(scenario, async (wire) => {
      wire.freeze();
      const env = { KUBECONFIG: wire.kubeconfig };
      const scaling = scenario.start(["scale", "web", "--replicas=3"], { env });
      await wire.connected();
      scaling.kill("SIGINT");
      const again = setInterval(() => scaling.kill("SIGINT"), 20);
      const { signal, stdout, stderr } = await scaling.ended.finally(() => clearInterval(again));
      expect({ signal, stdout, stderr }).toEqual({ signal: "SIGINT", stdout: "", stderr: "" });
    });
  });
});

describe("a server that goes away", () => {
  it("for a moment is survived without a word", async ({ scenario }) => {
    await createSlow(scenario);
    await withWire(scenario, async (wire) => {
      const env = { KUBECONFIG: wire.kubeconfig };
      const scaling = scenario.start(["scale", "web", "--replicas=4"], { env });
      await scaling.untilWritten(/web-1: created/);
      await wire.cut();
      await scenario.until("web-2", kinds.pod, (pods) => pods.has("web-2"));
      await wire.mend();
      const { code, stdout, stderr } = await scaling.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "statefulset.apps/web scaled\n" });
      expect(stderr).not.toContain("no answer");
      expect([...stderr.matchAll(/web-(\d): ready/g)].map(([, ordinal]) => ordinal)).toEqual(["1", "2", "3"]);
    });
  });

  it("for more than 15 s is said, and survived", async ({ scenario }) => {
    await createSlow(scenario);
    await withWire(scenario, async (wire) => {
      const env = { KUBECONFIG: wire.kubeconfig };
      const scaling = scenario.start(["scale", "web", "--replicas=3"], { env });
      await scaling.untilWritten(/web-1: created/);
      await wire.cut();
      await scaling.untilWritten(/web: no answer from the API server for 1\d\.\d s \(.*\); trying again/);
      await wire.mend();
      const { code, stdout, stderr } = await scaling.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "statefulset.apps/web scaled\n" });
      expect(stderr).toMatch(/web: the API server answers again after \d/);
      expect(stderr.match(/no answer from/g)).toHaveLength(1);
    });
  });

  it("without a word, swallowing all packets, does not outlast --timeout", async ({ scenario }) => {
    await createSlow(scenario);
    await withWire(scenario, async (wire) => {
      const env = { KUBECONFIG: wire.kubeconfig };
      const scaling = scenario.start(["scale", "web", "--replicas=3", "--timeout=4s"], { env });
      await scaling.untilWritten(/web-1: created/);
      wire.freeze();
      const begun = Date.now();
      const { code, stdout, stderr } = await scaling.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain("not finished after 4.0 s");
      expect(Date.now() - begun).toBeLessThan(12_000);
    });
  });

  it("for good ends at --timeout, with exit code 3", async ({ scenario }) => {
    await createSlow(scenario);
    await withWire(scenario, async (wire) => {
      const env = { KUBECONFIG: wire.kubeconfig };
      const scaling = scenario.start(["scale", "web", "--replicas=3", "--timeout=5s"], { env });
      await scaling.untilWritten(/web-1: created/);
      await wire.cut();
      const { code, stdout, stderr } = await scaling.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain("not finished after 5.0 s");
    });
  });
});
