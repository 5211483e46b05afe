import type { Cluster } from "../../cluster/index.js";
import { isApiError } from "../../cluster/index.js";
import type { Context } from "../../context.js";
import { qualifiedName } from "../../core/kinds.js";
import type { Manifest } from "../../core/model.js";
import { ExitCode, gravest } from "../../errors.js";
import { dryRunSuffixes } from "../shared/flags.js";
import { confirm } from "../shared/confirm.js";
import { readManifests, type ManifestSource } from "../shared/manifests.js";
import { findSets } from "./find.js";
import type { DeleteOptions } from "./options.js";
import { deleteSets } from "./run.js";

/** Kinds whose deletion can destroy data: asked for, as claims are. */
const precious = ["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"];

/** Deletes what the files name: the sets first, as by name, and then the other objects, the last one first. */
export async function deleteFiles(
  context: Context,
  cluster: Cluster,
  files: ManifestSource,
  options: DeleteOptions,
): Promise<ExitCode> {
  const manifests = (await readManifests(context, files)).map(({ manifest }) => manifest);
  const isSet = ({ apiVersion, kind }: Manifest) => kind === "StatefulSet" && apiVersion.startsWith("apps/");
  const others = manifests.filter((manifest) => !isSet(manifest)).reverse();
  await agreeToPrecious(context, others, options);
  const codes: ExitCode[] = [];
  for (const [namespace, names] of byNamespace(manifests.filter(isSet), cluster)) {
    codes.push(await deleteSets(context, cluster, await findSets(cluster, namespace, names), options));
  }
  if (gravest(codes) !== ExitCode.Done && !codes.every((code) => code === ExitCode.Error))
    return gravest(codes);
  for (const manifest of others) codes.push(await deleteOther(context, cluster, manifest, options));
  return gravest(codes);
}

async function agreeToPrecious(
  context: Context,
  others: readonly Manifest[],
  options: DeleteOptions,
): Promise<void> {
  const found = others.filter(({ kind }) => precious.includes(kind));
  if (found.length === 0 || options.dryRun !== "none") return;
  const names = found.map(({ kind, metadata }) => `  ${kind} ${metadata.name}\n`).join("");
  context.err.write(`These objects hold data, which may be destroyed with them:\n${names}`);
  await confirm(context, { text: "Delete them?", yes: options.yes, otherwise: "nothing was deleted" });
}

function byNamespace(sets: readonly Manifest[], cluster: Cluster): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { metadata } of sets) {
    const namespace = metadata.namespace ?? cluster.namespace;
    names.set(namespace, [...(names.get(namespace) ?? []), metadata.name]);
  }
  return names;
}

async function deleteOther(
  { out, err }: Context,
  cluster: Cluster,
  manifest: Manifest,
  { dryRun, nameOnly, ignoreNotFound, gracePeriodSeconds }: DeleteOptions,
): Promise<ExitCode> {
  const { name, namespace } = manifest.metadata;
  try {
    const kind = await cluster.kindOf(manifest);
    const options = { propagation: "Background", gracePeriodSeconds, dryRun: dryRun === "server" } as const;
    if (dryRun === "client") await cluster.get(kind, { namespace, name });
    else await cluster.delete(kind, { namespace, name }, options);
    const line = nameOnly
      ? `${qualifiedName(kind)}/${name}`
      : `${qualifiedName(kind)} "${name}" deleted${dryRunSuffixes[dryRun]}`;
    out.write(`${line}\n`);
    return ExitCode.Done;
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (error.reason === "NotFound" && ignoreNotFound) return ExitCode.Done;
    err.write(`${error.message}\n`);
    return ExitCode.Error;
  }
}
