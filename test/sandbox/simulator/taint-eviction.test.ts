import { afterAll, beforeAll, expect, it } from "vitest";
import { watching } from "../../support/watching.js";
import { inProcess, type TestCluster } from "./clusters.js";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await inProcess();
});
afterAll(() => cluster.stop(false));

it("pods leave a node with a taint NoExecute when their patience is over, and stay once the taint is gone", async () => {
  const { port } = cluster;
  const seen = await watching(port, ["pods", "events", "nodes"], "default");
  const create = (name: string, toleration?: object) =>
    port.create("pods", {
      metadata: { name, namespace: "default" },
      spec: {
        nodeName: "node-1",
        containers: [{ name: "nginx", image: "nginx" }],
        tolerations: toleration
          ? [{ key: "for", operator: "Exists", effect: "NoExecute", ...toleration }]
          : [],
      },
    });
  const taint = (taints: object[]) => port.patch("nodes", { name: "node-1" }, { spec: { taints } });
  const said = (name: string) =>
    [...seen.objects("events").values()]
      .filter((event) => event["involvedObject"].name === name && event["reason"] === "TaintManagerEviction")
      .map(({ message }) => String(message));
  await create("leaves");
  await create("patient", { tolerationSeconds: 5 });
  await create("stays", { tolerationSeconds: 3_600 });
  await seen.until("three pods", () => seen.objects("pods").size === 3);

  await taint([{ key: "for", effect: "NoExecute" }]);
  await seen.until("two gone", () => seen.objects("pods").size === 1);
  await taint([]);
  await seen.until("a change of mind", () => said("stays").length === 1);
  expect([...seen.objects("pods").keys()]).toEqual(["stays"]);
  expect(said("stays")).toEqual(["Cancelling deletion of Pod default/stays"]);
  expect(said("leaves")).toEqual(["Marking for deletion Pod default/leaves"]);
  expect(said("patient")).toEqual(["Marking for deletion Pod default/patient"]);
  seen.stop();
});

it("a taint that is not tolerated at all does not wait for what was planned because of another", async () => {
  const { port } = cluster;
  const seen = await watching(port, ["pods", "events"], "default");
  const metadata = { name: "planned", namespace: "default" };
  const tolerations = [{ key: "for", operator: "Exists", effect: "NoExecute", tolerationSeconds: 100_000 }];
  await port.create("pods", {
    metadata,
    spec: { nodeName: "node-3", containers: [{ name: "nginx", image: "nginx" }], tolerations },
  });
  await seen.until("a pod", () => seen.objects("pods").has("planned"));
  const taint = (...keys: string[]) =>
    port.patch(
      "nodes",
      { name: "node-3" },
      { spec: { taints: keys.map((key) => ({ key, effect: "NoExecute" })) } },
    );
  await taint("for");
  await taint("for", "other");
  await seen.until("it is gone", () => !seen.objects("pods").has("planned"));
  const said = () =>
    [...seen.objects("events").values()]
      .filter((event) => event["involvedObject"].name === "planned")
      .filter(({ reason }) => reason === "TaintManagerEviction")
      .map(({ message }) => message);
  await seen.until("both events", () => said().length === 2);
  expect(said().toSorted()).toEqual([
    "Cancelling deletion of Pod default/planned",
    "Marking for deletion Pod default/planned",
  ]);
  await taint();
  seen.stop();
});

it("a node that is cordoned has the taint of that until it is not", async () => {
  const { port } = cluster;
  const seen = await watching(port, ["nodes"], "");
  const taints = () => seen.objects("nodes").get("node-2")?.["spec"].taints ?? [];
  await port.patch("nodes", { name: "node-2" }, { spec: { unschedulable: true } });
  await seen.until("a taint", () => taints()[0]?.key === "node.kubernetes.io/unschedulable");
  await port.patch("nodes", { name: "node-2" }, { spec: { unschedulable: null } });
  await seen.until("no taint", () => taints().length === 0);
  seen.stop();
});
