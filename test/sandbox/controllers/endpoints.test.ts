import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { webSet } from "./fixtures.js";
import { cluster } from "./fresh-cluster.js";

const service = (spec: object = {}) =>
  cluster.create("services", {
    metadata: { name: "web", namespace: "default", labels: { app: "web" } },
    spec: {
      clusterIP: "None",
      selector: { app: "web" },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
      ...spec,
    },
  });

async function endpoints(): Promise<AnyObject[]> {
  return (await cluster.port.list("endpointslices")).flatMap((slice) => slice.endpoints ?? []);
}

describe("endpoint slices", () => {
  it("lists the pods that the selector finds, with name, node and readiness", async () => {
    await service();
    await cluster.create("statefulsets", webSet({ replicas: 2 }));
    expect(await endpoints()).toEqual([]);
    await cluster.play();
    const [slice] = await cluster.port.list("endpointslices");
    expect(slice).toMatchObject({
      addressType: "IPv4",
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    });
    expect(slice?.metadata).toMatchObject({
      labels: {
        app: "web",
        "kubernetes.io/service-name": "web",
        "service.kubernetes.io/headless": "",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
      ownerReferences: [{ kind: "Service", name: "web", controller: true }],
    });
    expect(slice?.endpoints).toMatchObject([
      {
        addresses: ["10.0.0.1"],
        hostname: "web-0",
        nodeName: "node-1",
        targetRef: { kind: "Pod", name: "web-0" },
      },
      { conditions: { ready: true, serving: true, terminating: false }, hostname: "web-1" },
    ]);
    await cluster.delete("pods", "web-1");
    expect((await endpoints())[1]?.["conditions"]).toEqual({
      ready: false,
      serving: true,
      terminating: true,
    });
  });

  it.each([
    [false, false],
    [true, true],
  ])(
    "semantics: publishNotReadyAddresses %s publishes unready peers: %s",
    async (publishNotReadyAddresses, ready) => {
      await service({ publishNotReadyAddresses });
      await cluster.create("statefulsets", webSet({ replicas: 1 }));
      await cluster.run("web-0", { ready: false });
      expect((await endpoints())[0]?.["conditions"]).toEqual({ ready, serving: false, terminating: false });
    },
  );

  it("finds a port by the name that the container gives it", async () => {
    await service({ ports: [{ port: 80, targetPort: "web" }] });
    const containers = [{ name: "nginx", image: "nginx", ports: [{ name: "web", containerPort: 8081 }] }];
    const template = { metadata: { labels: { app: "web" } }, spec: { containers } };
    await cluster.create("statefulsets", webSet({ replicas: 1, template }));
    await cluster.run("web-0");
    expect((await cluster.port.list("endpointslices"))[0]?.["ports"]).toMatchObject([{ port: 8081 }]);
  });

  it("keeps a hundred pods to a slice", async () => {
    await service();
    await cluster.create("statefulsets", webSet({ replicas: 101, podManagementPolicy: "Parallel" }));
    await cluster.play();
    const sizes = (await cluster.port.list("endpointslices")).map((slice) => slice["endpoints"].length);
    expect(sizes.sort()).toEqual([1, 100]);
  });

  it("writes of several slices only the one that has changed", async () => {
    await service();
    await cluster.create("statefulsets", webSet({ replicas: 101, podManagementPolicy: "Parallel" }));
    await cluster.play();
    const versions = async () =>
      (await cluster.port.list("endpointslices")).map(({ metadata }) => metadata.resourceVersion);
    for (const [pod, ready] of [
      ["web-5", false],
      ["web-100", false],
      ["web-5", true],
    ] as const) {
      const before = await versions();
      await cluster.run(pod, { ready });
      expect((await versions()).filter((version) => !before.includes(version))).toHaveLength(1);
    }
  });
});
