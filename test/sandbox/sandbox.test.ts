import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.js";
import type { AnyObject } from "../../src/sandbox/port.js";
import { ask } from "./ask.js";
import { claimTemplate, webSet } from "./controllers/fixtures.js";

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ speed: 100, ...options });
  running.push(sandbox);
  return sandbox;
}

async function get(sandbox: Sandbox, path: string, token = sandbox.token) {
  const { code, text } = await ask(sandbox, path, token);
  return { code, body: JSON.parse(text) as AnyObject };
}

const web = { namespace: "default", name: "web" };

function createSet({ port }: Sandbox): Promise<AnyObject> {
  return port.create("statefulsets", webSet({ replicas: 2, volumeClaimTemplates: [claimTemplate("www")] }));
}

describe("startSandbox", () => {
  it("gives a cluster in which a StatefulSet becomes ready", async () => {
    const sandbox = await start();
    await createSet(sandbox);
    const status = async () => (await sandbox.port.get("statefulsets", web))?.status;
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({ readyReplicas: 2, replicas: 2 });
    const claims = await sandbox.port.list("persistentvolumeclaims", "default");
    expect(claims.map(({ metadata, status: { phase } }) => [metadata.name, phase])).toEqual([
      ["www-web-0", "Bound"],
      ["www-web-1", "Bound"],
    ]);
    const { body } = await get(sandbox, "/apis/apps/v1/namespaces/default/statefulsets/web");
    const managers = (body.metadata["managedFields"] as { manager: string }[]).map(({ manager }) => manager);
    expect(managers).toContain("kube-controller-manager");
  });

  it("has what a cluster has from the start", async () => {
    const { port } = await start();
    const names = async (resource: string) =>
      (await port.list(resource)).map(({ metadata }) => metadata.name);
    expect(await names("namespaces")).toEqual(["default", "kube-node-lease", "kube-public", "kube-system"]);
    expect(await names("nodes")).toEqual(["node-1", "node-2", "node-3"]);
    expect(await names("services")).toEqual(["kubernetes"]);
    expect(await names("storageclasses")).toEqual(["standard"]);
  });

  it("leaves out what it is told to, and takes other versions", async () => {
    const sandbox = await start({ storageClasses: false, nodes: 1, kubernetesVersion: "1.36" });
    expect(await sandbox.port.list("storageclasses")).toEqual([]);
    expect(await sandbox.port.list("nodes")).toHaveLength(1);
    expect((await get(sandbox, "/version")).body["gitVersion"]).toBe("v1.36.0");
  });

  it("lets in its administrator and those who were named", async () => {
    const sandbox = await start({ users: [{ token: "secret", name: "jane" }] });
    const config = parse(sandbox.kubeconfig("secret"));
    expect(config.users[0].user.token).toBe("secret");
    expect(config.clusters[0].cluster.server).toBe(sandbox.server);
    const codes = [sandbox.token, "secret", "wrong"].map(
      async (token) => (await get(sandbox, "/api/v1/pods", token)).code,
    );
    expect(await Promise.all(codes)).toEqual([200, 403, 401]);
  });

  it("can have a bad day", async () => {
    const sandbox = await start();
    await sandbox.faults.inject({ type: "error", verbs: ["list"], count: 1 });
    const list = () => get(sandbox, "/api/v1/pods");
    expect(await list()).toMatchObject({
      code: 500,
      body: {
        reason: "InternalError",
        message: "Internal error occurred: etcdserver: request timed out",
      },
    });
    expect((await list()).code).toBe(200);
  });

  it("stops, and is gone", async () => {
    const sandbox = await start();
    await running.pop()?.stop();
    await expect(get(sandbox, "/version")).rejects.toThrow(/ECONNREFUSED/);
  });
});
