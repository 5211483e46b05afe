import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds, type Kind } from "../../../src/core/kinds.js";
import type { KubeObject, Manifest } from "../../../src/core/model.js";
import { startSandboxed, type Sandboxed } from "../../support/sandboxed.js";

const rbac = "rbac.authorization.k8s.io";
const rbacKind = (kind: string, resource: string): Kind<KubeObject> => ({
  ...{ group: rbac, version: "v1", kind, resource, namespaced: true },
});

/** Somebody who may change sets and scale them, and see nothing else. */
async function allowSetsOnly(world: Sandboxed, name: string): Promise<void> {
  const base = { apiVersion: `${rbac}/v1`, metadata: { name, namespace: "default" } };
  const rule = {
    apiGroups: ["apps"],
    resources: ["statefulsets", "statefulsets/scale"],
    verbs: ["get", "patch"],
  };
  await world.cluster.create(rbacKind("Role", "roles"), { ...base, kind: "Role", rules: [rule] } as Manifest);
  await world.cluster.create(rbacKind("RoleBinding", "rolebindings"), {
    ...base,
    kind: "RoleBinding",
    roleRef: { apiGroup: rbac, kind: "Role", name },
    subjects: [{ apiGroup: rbac, kind: "User", name }],
  } as Manifest);
}

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
  await allowSetsOnly(world, "alice");
  await world.run("create web --image=nginx:1 --replicas=2 --storage=www=1Gi:/data".split(" "));
});
afterAll(() => world.stop());

const image = async () =>
  (await world.cluster.get(kinds.statefulSet, { name: "web" })).spec.template.spec?.containers[0]?.image;

describe("for somebody who may not read pods", () => {
  const run = (line: string) => world.run(line.split(" "), { token: "alice" });

  it("--max-unready is refused, as it cannot be kept, and nothing is changed", async () => {
    const { code, err } = await run("set image web nginx=nginx:2 --max-unready=1 --wait=false");
    expect(err).toBe(
      "error: pods may not be read here, so --max-unready=1 cannot be kept: nothing was changed\n",
    );
    expect(code).toBe(7);
    expect(await image()).toBe("nginx:1");
  });

  it("a change goes on where nothing has to be waited for", async () => {
    const { code, out } = await run("set image web nginx=nginx:2 --wait=false");
    expect(out).toBe("statefulset.apps/web image updated\n");
    expect(code).toBe(0);
    expect(await image()).toBe("nginx:2");
  });

  it("a change that is to be waited for fails before it is made", async () => {
    const before = await image();
    for (const line of ["set image web nginx=nginx:3", "scale web --replicas=5"]) {
      const { code, err, out } = await run(line);
      expect(err).toContain("Error from server (Forbidden): pods is forbidden");
      expect({ code, out }).toEqual({ code: 1, out: "" });
    }
    expect(await image()).toBe(before);
    expect((await world.cluster.get(kinds.statefulSet, { name: "web" })).spec.replicas).toBe(2);
  });

  it("scaling goes on, and says once what it could not see", async () => {
    const { code, out, err } = await run("scale web --replicas=3 --wait=false");
    expect(out).toBe("statefulset.apps/web scaled\n");
    expect(code).toBe(0);
    for (const what of ["pods", "persistentvolumeclaims", "horizontalpodautoscalers"]) {
      expect(err.split(`note: ${what} may not be read here`)).toHaveLength(2);
    }
    await world.run("scale web --replicas=2".split(" "));
  });

  it("keys of a Secret that may not be read are taken at their word, all of it is not", async () => {
    const keyed = await run("set env web --from=secret/db --keys=user --wait=false");
    expect(keyed.err).toContain(
      "note: secret/db may not be read here: whether it has these keys is not known\n",
    );
    expect(keyed.code).toBe(0);
    const whole = await run("set env web --from=secret/db --wait=false");
    expect(whole.err).toContain('secrets "db" is forbidden');
    expect(whole.code).toBe(1);
  });
});

describe("a set of somebody else's", () => {
  it("is warned about once, before it is written", async () => {
    await world.run("create owned --image=nginx:1 --replicas=1".split(" "));
    const body = { metadata: { annotations: { "meta.helm.sh/release-name": "shop" } } };
    await world.cluster.patch(kinds.statefulSet, { name: "owned" }, { type: "merge", body });
    for (const words of [
      "set env owned A=1",
      "set resources owned --limits=cpu=1 --stage=1",
      "set env owned B=1 --steps=1",
    ]) {
      const { err } = await world.run(words.split(" "));
      const warning = "warning: default/owned is managed by Helm release shop, which may revert this change";
      expect(err.split(warning)).toHaveLength(2);
      expect(err.startsWith(warning)).toBe(true);
    }
    for (const line of ["set env owned A=1", "set env owned A=1 --stage=1 --max-unready=0"]) {
      const same = await world.run(line.split(" "));
      expect(same.err).not.toContain("warning");
      expect(same.out).toBe("statefulset.apps/owned env unchanged\n");
    }
  });
});

describe("a partition that somebody applies", () => {
  const note = "the partition is applied by argocd-controller: its next apply puts it back";
  const body = {
    ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "applied" } },
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
  };

  beforeAll(async () => {
    await world.run("create applied --image=nginx:1 --replicas=3".split(" "));
    const ref = { name: "applied" };
    const options = { fieldManager: "argocd-controller" };
    await world.cluster.patch(kinds.statefulSet, ref, { type: "apply", body, force: true }, options);
    await world.run("set image applied nginx=nginx:2".split(" "));
  });

  it.each([
    "rollout stage applied --canary=2",
    "rollout stage applied --steps=2,100%",
    "rollout promote applied",
    "set image applied nginx=nginx:3 --stage=1",
    "set env applied A=1 --steps=2,100%",
  ])("%s says so once", async (line) => {
    const { err } = await world.run([...line.split(" "), "--dry-run=server"]);
    expect(err.split(note), err).toHaveLength(2);
  });

  it("is not touched by a change of the template alone", async () => {
    const { err } = await world.run("set image applied nginx=nginx:3 --dry-run=server".split(" "));
    expect(err).not.toContain("argocd");
  });
});
