import { describe, expect, it } from "vitest";
import { main } from "../../../../src/main.js";
import { testContext, testFiles } from "../../../support/test-context.js";

const claim = {
  kind: "PersistentVolumeClaim",
  metadata: { namespace: "default", name: "www-web-1", uid: "1" },
  spec: { volumeName: "pv-1", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};
const volume = {
  kind: "PersistentVolume",
  metadata: { name: "pv-1", uid: "2" },
  spec: { capacity: { storage: "1Gi" }, persistentVolumeReclaimPolicy: "Delete" },
};
const list = (...items: unknown[]) => JSON.stringify({ kind: "List", items });
const withMeta = (metadata: object) => list({ ...claim, metadata: { ...claim.metadata, ...metadata } });
const withSpec = (spec: object) => list({ ...claim, spec: { ...claim.spec, ...spec } });

interface Tree {
  files?: Record<string, string>;
  read?: (path: string) => Promise<Buffer>;
}

/** `pvc restore backup` on these files; a context without a cluster fails when it is reached. */
async function restore({ files = {}, read }: Tree, words = ["backup"]) {
  const inMemory = testFiles(files);
  const below = (folder: string) => Object.keys(files).filter((file) => file.startsWith(`${folder}/`));
  const context = testContext({
    files: {
      ...inMemory,
      ...(read && { read }),
      async list(folder) {
        if (files[folder] !== undefined) return undefined;
        if (folder !== "backup" && below(folder).length === 0)
          throw Object.assign(new Error(), { code: "ENOENT" });
        const names = new Set(below(folder).map((file) => file.slice(folder.length + 1).split("/")[0] ?? ""));
        return [...names].map((name) => ({ name, isFolder: below(`${folder}/${name}`).length > 0 }));
      },
    },
  });
  const code = await main(["pvc", "restore", ...words], context);
  return { code, out: context.out.text, err: context.err.text };
}

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
const file = "backup/default/www-web-1.1.json";

describe("pvc restore of what is no backup: one clear error, exit 2, and nothing sent", () => {
  it.each<[string, string, string]>([
    ["text", "hello", "not JSON"],
    ["binary", "\u0000\u0001\u0002", "not JSON"],
    ["an empty file", "", "not JSON"],
    ["half a file", list(claim).slice(0, 40), "not JSON"],
    ["YAML", "kind: List", "not JSON"],
    ["null", "null", "not a List"],
    ["a list of nothing", list(), "holds no PersistentVolumeClaim"],
    ["items of null", list(null, 1, "a"), "holds no PersistentVolumeClaim"],
    ["another kind", list({ ...claim, kind: "Secret" }), "holds no PersistentVolumeClaim"],
    ["a claim without a spec", list({ ...claim, spec: undefined }), "holds no PersistentVolumeClaim"],
    ["a spec that is null", list({ ...claim, spec: null }), "spec is missing"],
    ["a volume's spec that is null", list(claim, { ...volume, spec: null }), "spec is missing"],
    [
      "a name that leaves its folder",
      withMeta({ name: "../../secrets/x" }),
      "a name that Kubernetes does not allow",
    ],
    ["a name with an escape", withMeta({ name: "a\u001b[31mb" }), "a name that Kubernetes does not allow"],
    ["a namespace that is a path", withMeta({ namespace: "a/b" }), "a name that Kubernetes does not allow"],
    ["an empty namespace", withMeta({ namespace: "" }), "a name that Kubernetes does not allow"],
    [
      "a volume's name that is no text",
      withSpec({ volumeName: { $ne: 1 } }),
      "a name that Kubernetes does not allow",
    ],
    [
      "a volume's name with a command",
      withSpec({ volumeName: "a; rm -rf /" }),
      "a name that Kubernetes does not allow",
    ],
    ["modes that are no list", withSpec({ accessModes: "ReadWriteOnce" }), "spec.accessModes must be a list"],
    ["a size that is none", withSpec({ resources: { requests: { storage: "lots" } } }), "is not a quantity"],
    [
      "a size that is a number",
      withSpec({ resources: { requests: { storage: 1 } } }),
      "a size that is no text",
    ],
    [
      "a label with an escape",
      withMeta({ labels: { "a\u001b[31mb": 1 } }),
      "metadata.labels.ab must be text",
    ],
    ["owners that are none", withMeta({ ownerReferences: [null] }), "ownerReferences that are none"],
    [
      "a policy that is a command",
      list(claim, { ...volume, spec: { ...volume.spec, persistentVolumeReclaimPolicy: "'; rm" } }),
      "a word that Kubernetes does not know",
    ],
    [
      "another volume than its own",
      list(claim, { ...volume, metadata: { ...volume.metadata, name: "pv-2" } }),
      "another volume than that of its claim",
    ],
  ])("%s", async (_what, text, message) => {
    const ended = await restore({ files: { [file]: text } });
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(`error: ${file}: `);
    expect(ended.err).toContain(message);
    expect(ended.err.trimEnd()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it.each<[string, Tree, string[], string]>([
    ["no such folder", {}, ["nowhere"], 'the path "nowhere" does not exist'],
    ["an empty folder", {}, ["backup"], "backup: no claims in this directory"],
    [
      "a folder of other files",
      { files: { "backup/README.md": "" } },
      ["backup"],
      "no claims in this directory",
    ],
    ["no folder named", {}, [], "the folder of a backup is needed"],
    [
      "a file that is too large",
      { files: { [file]: "" }, read: failing("EFBIG") },
      ["backup"],
      `the path "${file}" is too large`,
    ],
    [
      "a file that may not be read",
      { files: { [file]: "" }, read: failing("EACCES") },
      ["backup"],
      "may not be read",
    ],
    [
      "folders in folders without end",
      { files: { [`backup/${"a/".repeat(50)}x.json`]: "" } },
      ["backup"],
      "nested too deeply",
    ],
    ["a file of another sort", { files: { "notes.txt": "hello" } }, ["notes.txt"], "notes.txt: not JSON"],
    [
      "a file name with an escape",
      { files: { "backup/a\u001b[31mb.json": "" } },
      ["backup"],
      "backup/ab.json: not JSON",
    ],
    [
      "a name that is none",
      { files: { [file]: list(claim) } },
      ["backup", "a/b/c"],
      '"a/b/c" is not CLAIM or NAMESPACE/CLAIM',
    ],
  ])("%s", async (_what, tree, words, message) => {
    const ended = await restore(tree, words);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(message);
  });
});
