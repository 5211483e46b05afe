import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Gateway } from "../../../src/cluster/index.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/index.js";
import { overHttp } from "../../../src/sandbox/simulator/over-http.js";
import { openKubeconfig } from "../../support/gateway.js";
import { watching } from "../../support/watching.js";

/** The same port as the sandbox's own, with HTTP in between. */
describe("overHttp", () => {
  let sandbox: Sandbox;
  let gateway: Gateway;
  let directory: string;

  beforeEach(async () => {
    sandbox = await startSandbox({ speed: 100, nodes: 1 });
    directory = mkdtempSync(path.join(tmpdir(), "sts-over-http-"));
    const file = path.join(directory, "kubeconfig");
    writeFileSync(file, sandbox.kubeconfig());
    gateway = openKubeconfig(file);
  });
  afterEach(async () => {
    gateway.close();
    await sandbox.stop();
    rmSync(directory, { recursive: true });
  });

  const target = { namespace: "default", name: "settings" };
  const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: target, data: { a: "1" } };

  it("creates, reads, patches, replaces and deletes", async () => {
    const port = overHttp(gateway);
    const created = await port.create("configmaps", settings);
    expect(await port.get("configmaps", target)).toEqual(created);
    const patched = await port.patch("configmaps", target, { data: { a: null, b: "2" } });
    expect(patched["data"]).toEqual({ b: "2" });
    await expect(port.update("configmaps", created)).rejects.toMatchObject({ code: 409, reason: "Conflict" });
    await port.update("configmaps", { ...patched, data: { c: "3" } });
    const listed = await port.list("configmaps", "default");
    expect(listed.find(({ metadata }) => metadata.name === "settings")).toMatchObject({
      kind: "ConfigMap",
      data: { c: "3" },
    });
    await expect(port.delete("configmaps", target, { uid: "another" })).rejects.toMatchObject({
      reason: "Conflict",
    });
    await port.delete("configmaps", target, { uid: created.metadata.uid });
    expect(await port.get("configmaps", target)).toBeUndefined();
    await expect(port.get("sandwiches", target)).rejects.toThrow(
      "no kind is known by the resource sandwiches",
    );
  });

  it("watches on through cut lines and a history that was forgotten", async () => {
    const port = overHttp(gateway);
    await port.create("configmaps", settings);
    const seen = await watching(port, ["configmaps"], "default");
    expect(seen.objects("configmaps").has("settings")).toBe(true);
    await sandbox.faults.inject({ type: "drop-watches" });
    await sandbox.port.patch("configmaps", target, { data: { a: "2" } });
    await seen.until("the change", () => seen.objects("configmaps").get("settings")?.["data"].a === "2");
    const { uid } = (await sandbox.port.get("configmaps", target))?.metadata ?? {};
    await sandbox.faults.inject({ type: "drop-watches" });
    await sandbox.port.delete("configmaps", target);
    await sandbox.port.create("configmaps", settings);
    await sandbox.faults.inject({ type: "compact" });
    const anew = await seen.until("another object", () => {
      const object = seen.objects("configmaps").get("settings");
      return object?.metadata.uid !== uid && object;
    });
    expect(anew["data"]).toEqual({ a: "1" });
    const deletions = seen.events.filter(({ type }) => type === "DELETED");
    expect(deletions.map(({ object }) => object.metadata.uid)).toEqual([uid]);
    seen.stop();
  });
});
