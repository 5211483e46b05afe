import { checkQuantity, parseSourceRef, type SourceRef } from "./parse-container.js";
import { labelKeyProblem, labelProblem, subdomainProblem } from "./names.js";
import { checkDistinct, checkName, parsePairs, refuse, splitAt } from "./parse.js";

/** What becomes a volumeClaimTemplate, and where it is mounted. */
export interface Storage {
  name: string;
  size: string;
  mountPath: string;
  /** Empty: only volumes that somebody prepared. Undefined: the default class. */
  storageClass: string | undefined;
  accessMode: string;
}

/** A volume that is no claim. */
export interface Mount {
  source: SourceRef | { kind: "emptydir" };
  mountPath: string;
}

export interface AntiAffinity {
  required: boolean;
  topologyKey: string;
}

const accessModes: Readonly<Record<string, string>> = {
  RWO: "ReadWriteOnce",
  ROX: "ReadOnlyMany",
  RWX: "ReadWriteMany",
  RWOP: "ReadWriteOncePod",
};

const storageForm = "is not NAME=SIZE:MOUNTPATH[,class=CLASS][,mode=RWO|ROX|RWX|RWOP], such as www=1Gi:/data";

/** Reads every `--storage NAME=SIZE:MOUNTPATH[,class=CLASS][,mode=MODE]`. */
export function parseStorage(values: readonly string[]): Storage[] {
  const storage = values.map(parseOneStorage);
  checkDistinct(
    "storage",
    storage.map(({ name }) => name),
    "name",
  );
  return storage;
}

function parseOneStorage(value: string): Storage {
  const [head = "", ...options] = value.split(",");
  const [, name = "", size = "", mountPath = ""] =
    /^([^=]+)=([^:]+):(.+)$/.exec(head) ?? refuse("storage", value, storageForm);
  const settings =
    options.length > 0 ? parsePairs("storage", options, "class=CLASS or mode=MODE") : new Map();
  const unknown = [...settings.keys()].find((key) => key !== "class" && key !== "mode");
  if (unknown !== undefined) refuse("storage", value, `has ${unknown}: only class= and mode= may follow`);
  const mode: string = settings.get("mode") ?? "RWO";
  const accessMode =
    accessModes[mode.toUpperCase()] ?? Object.values(accessModes).find((full) => full === mode);
  if (!accessMode)
    refuse("storage", value, `has the mode ${mode}, which is none of ${Object.keys(accessModes).join(", ")}`);
  if (checkQuantity("storage", size).nano <= 0n)
    refuse("storage", value, "has a size that is not above zero");
  const storageClass: string | undefined = settings.get("class");
  if (storageClass) checkName("storage", storageClass, subdomainProblem, "name of a StorageClass");
  return {
    name: checkName("storage", name, labelProblem, "name"),
    size,
    mountPath: checkPath("storage", mountPath, value),
    storageClass,
    accessMode,
  };
}

/** Reads every `--mount configmap/X|secret/X|emptydir:PATH`. */
export function parseMounts(values: readonly string[]): Mount[] {
  return values.map((value) => {
    const [source, path] =
      splitAt(value, ":") ??
      refuse("mount", value, "is not configmap/NAME:PATH, secret/NAME:PATH or emptydir:PATH");
    const mountPath = checkPath("mount", path, value);
    if (source.toLowerCase() === "emptydir") return { source: { kind: "emptydir" }, mountPath };
    return { source: parseSourceRef("mount", source), mountPath };
  });
}

function checkPath(flag: string, path: string, value: string): string {
  if (!path.startsWith("/")) refuse(flag, value, "has a path that does not begin with /");
  if (path.includes(":")) refuse(flag, value, "has a path with a colon, which Kubernetes does not take");
  return path;
}

/** No two volumes at one place. */
export function checkMountPaths(storage: readonly Storage[], mounts: readonly Mount[]): void {
  const paths = [...storage, ...mounts].map(({ mountPath }) => mountPath.replace(/(.)\/+$/, "$1"));
  checkDistinct("mount", paths, "mount path");
}

/** Reads `preferred|required[:TOPOLOGYKEY]`; the key is the node's name where it is left out. */
export function parseAntiAffinity(value: string): AntiAffinity {
  const [strength, topologyKey] = splitAt(value, ":") ?? [value, "kubernetes.io/hostname"];
  if (strength !== "preferred" && strength !== "required") {
    refuse("anti-affinity", value, "is not preferred or required, with :TOPOLOGYKEY or without");
  }
  checkName("anti-affinity", topologyKey, labelKeyProblem, "topology key");
  return { required: strength === "required", topologyKey };
}

/** Reads every `--spread TOPOLOGYKEY`. */
export function parseSpread(values: readonly string[]): string[] {
  checkDistinct("spread", values, "topology key");
  return values.map((value) => checkName("spread", value, labelKeyProblem, "topology key"));
}
