import { request } from "node:https";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startSandbox, type Sandbox, type SandboxOptions } from "../../src/sandbox/index.js";
import type { AnyObject } from "../../src/sandbox/port.js";

const running: Sandbox[] = [];
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop();
});

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ speed: 100, ...options });
  running.push(sandbox);
  return sandbox;
}

function get(
  { server, caPem }: Sandbox,
  path: string,
  token: string,
): Promise<{ code: number; body: AnyObject }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}` };
    const sent = request(server + path, { ca: caPem, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on("error", reject).end();
  });
}

const web = { namespace: "default", name: "web" };

function createSet({ port }: Sandbox): Promise<AnyObject> {
  const spec = {
    replicas: 2,
    serviceName: "web",
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "nginx", image: "nginx" }] },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: "www" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      },
    ],
  };
  return port.create("statefulsets", { metadata: web, spec });
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
    const { body } = await get(sandbox, "/apis/apps/v1/namespaces/default/statefulsets/web", sandbox.token);
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
    expect((await get(sandbox, "/version", sandbox.token)).body["gitVersion"]).toBe("v1.36.0");
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
    const list = () => get(sandbox, "/api/v1/pods", sandbox.token);
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
    await expect(get(sandbox, "/version", sandbox.token)).rejects.toThrow(/ECONNREFUSED/);
  });
});
