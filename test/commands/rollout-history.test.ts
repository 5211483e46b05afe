import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandboxed, type Sandboxed } from "../support/sandboxed.js";
import { testSink } from "../support/test-context.js";

let world: Sandboxed;
beforeAll(async () => {
  world = await startSandboxed({ users: [{ name: "alice", token: "alice", groups: [] }] });
  await world.run("create web --image=nginx:1 --replicas=2".split(" "));
  await world.run("set image web nginx=nginx:2".split(" "));
  await world.run("set image web nginx=nginx:3 --stage=1".split(" "));
});
afterAll(() => world.stop());

const history = (line: string, parts = {}) => world.run(["rollout", "history", ...line.split(" ")], parts);

describe("rollout history", () => {
  it("lists revisions, newest last, with who runs them", async () => {
    const { code, out, err } = await history("web");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.replace(/ \d+s /g, " 1s ").split("\n")).toEqual([
      "statefulset.apps/web",
      "REVISION   CHANGE-CAUSE   AGE   IMAGES    PODS",
      "1          <none>         1s    nginx:1   <none>",
      "2          <none>         1s    nginx:2   web-0 (current)",
      "3          <none>         1s    nginx:3   web-1 (update)",
      "",
    ]);
  });

  it("is a document for a program; a template comes with --revision only", async () => {
    const { out } = await history("web -o json");
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      namespace: "default",
      name: "web",
      revisions: [
        { revision: 1, images: ["nginx:1"], ordinals: [], current: false, update: false },
        { revision: 2, ordinals: [0], current: true },
        { revision: 3, ordinals: [1], update: true },
      ],
    });
    expect(out).not.toContain("template");
    const { revisions } = JSON.parse((await history("web --revision=2 -o json")).out);
    expect(revisions).toHaveLength(1);
    expect(revisions[0].template.spec.containers[0].image).toBe("nginx:2");
    const one = await history("web --revision=2 -o jsonpath={.revisions[0].images[0]}");
    expect(one.out).toBe("nginx:2");
  });

  it("shows one template", async () => {
    const { code, out } = await history("web --revision=1");
    expect(code).toBe(0);
    expect(out).toMatch(/^# statefulset\.apps\/web with revision #1 \(web-[a-z0-9]+\)\nmetadata:\n/);
    expect(out).toContain("image: nginx:1\n");
    expect(out).not.toContain("null");
    expect(out).not.toContain("$patch");
    const ageless = async (words: string) => (await history(words)).out.replace(/\b\d+s\b/g, "AGE");
    expect(await ageless("web --revision=0")).toBe(await ageless("web"));
  });

  it("compares two templates, in colours on a terminal only", async () => {
    const { code, out, err } = await history("web --diff 1..3");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^--- web revision 1\n\+\+\+ web revision 3\n@@ /);
    expect(out.match(/^[-+] .*$/gm)).toEqual(["-  - image: nginx:1", "+  - image: nginx:3"]);
    expect((await history("web --diff=1..")).out).toBe(out);
    expect((await history("web --diff=1")).out).toBe(out);
    expect((await history("web --diff=..3")).out).toContain("--- web revision 2\n");
    const coloured = await history("web --diff 1..3", { out: testSink({ colours: true }) });
    expect(coloured.out).toContain("\u001b[31m-");
    const same = await history("web --diff 2..2");
    expect(same).toMatchObject({ code: 0, out: "" });
    expect(same.err).toBe("revisions 2 and 2 of web have the same pod template\n");
  });

  it("names the revisions that there are when one is asked for that is not", async () => {
    for (const flag of ["--revision=7", "--diff=7..1", "--diff=1..7"]) {
      const { code, out, err } = await history(`web ${flag}`);
      expect({ code, out }).toEqual({ code: 1, out: "" });
      expect(err).toBe("error: unable to find revision 7 of web; it has 1, 2 and 3\n");
    }
    expect((await history("nope")).err).toBe(
      'Error from server (NotFound): statefulsets.apps "nope" not found\n',
    );
  });

  it.each([
    ["--revision=x", "is not a whole number"],
    ["--revision=-1", "is not a whole number"],
    ["--diff=a..b", '"a..b" is not a pair of revisions'],
    ["--diff=1..2 --revision=1", "takes neither --revision nor -o"],
    ["--diff=1..2 -o json", "takes neither --revision nor -o"],
    ["other", "one StatefulSet at a time"],
    ["-o wide", "unable to match a printer"],
  ])("refuses %s with exit code 2 and nothing sent", async (words, message) => {
    const { code, out, err, requests } = await history(`web ${words}`);
    expect({ code, out, requests }).toEqual({ code: 2, out: "", requests: 0 });
    expect(err).toContain(message);
  });

  it("says what the server says to one who may not read revisions, and goes on without the pods", async () => {
    await grant({ apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"] });
    const refused = await history("web", { token: "alice" });
    expect({ code: refused.code, out: refused.out }).toEqual({ code: 1, out: "" });
    expect(refused.err).toContain("Error from server (Forbidden): controllerrevisions.apps is forbidden");
    await grant({ apiGroups: ["apps"], resources: ["controllerrevisions"], verbs: ["list"] });
    const partly = await history("web", { token: "alice" });
    expect(partly.code).toBe(0);
    expect(partly.err).toBe("note: pods may not be read here: who runs what is not known\n");
    expect(partly.out).toContain("<unknown> (current)\n");
  });
});

async function grant(rule: object): Promise<void> {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const apiGroup = "rbac.authorization.k8s.io";
  const name = `viewer-${world.cluster.requests}`;
  const objects = [
    { kind: "Role", rules: [rule] },
    {
      kind: "RoleBinding",
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [{ kind: "User", name: "alice", apiGroup }],
    },
  ];
  for (const object of objects) {
    const manifest = { apiVersion, metadata: { name, namespace: "default" }, ...object };
    await world.cluster.create(await world.cluster.kindOf(manifest), manifest);
  }
}
