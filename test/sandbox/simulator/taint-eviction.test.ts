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
