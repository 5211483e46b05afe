import type { Cluster } from "../cluster/cluster.js";
import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import type { Context } from "../context.js";
import { UsageError } from "../core/errors.js";
import { isStatefulSet } from "../core/manifest/bundle.js";
import { droppedFields } from "../core/manifest/dropped.js";
import type { SetOptions } from "../core/manifest/set-options.js";
import type { NamingFor } from "../core/progress/naming.js";
import { resourceName, type OutputFormat } from "../view/output.js";
import { checkObjects, refuseUnlessCreatable, type Finding } from "./create/check.js";
import { createFlags, outputFormats, setFlags } from "./create/flags.js";
import { locateObjects } from "./bundle/locate.js";
import {
  madeHere,
  missingServices,
  objectsFromFiles,
  objectsFromFlags,
  withServices,
  type LocatedObject,
  type PlannedObject,
} from "./bundle/plan.js";
import { addServices } from "./bundle/services.js";
import { startTarget } from "./bundle/start-target.js";
import { startNotes } from "./bundle/storage.js";
import { formatObjects, readAgain, resultLine } from "./bundle/results.js";
import { createObjects, type Result } from "./create/send.js";
import { isUnfinished } from "./create/resume.js";
import { readSetOptions } from "./create/set-options.js";
import { defineCommand } from "./shared/command.js";
import {
  dryRunSuffixes,
  readConnection,
  readDryRun,
  readWait,
  type DryRun,
  type WaitOptions,
} from "./shared/flags.js";
import { follow, type FollowTarget } from "./shared/follow.js";
import type { Input } from "./shared/input.js";
import { readManifestFlags, readManifests, type ManifestSource } from "./shared/manifests.js";
import { namingFor } from "./shared/naming.js";
import { loadOutput, readOutput } from "./shared/output.js";

interface Options {
  connection: ConnectionFlags;
  /** What to create: manifests, or a set described by flags. */
  source: { files: ManifestSource } | { set: SetOptions };
  makeServices: boolean;
  dryRun: DryRun;
  output: OutputFormat;
  fieldManager: string;
  wait: WaitOptions;
}

/** Creates a headless Service and a StatefulSet from flags, or any bundle from YAML, and follows the ordered start. */
export const createCommand = defineCommand<Options>({
  args: "NAME --image=IMAGE [-- COMMAND ARGS…] | -f FILE",
  completes: "none",
  description:
    "Every object is sent as a server dry run first: nothing is created when any of them is invalid. A set whose " +
    "headless Service is neither in the files nor in the cluster gets one. Running the same command again after it " +
    "was interrupted goes on with what is missing.",
  examples: `
# Three nginx pods with a claim each, and the Service nginx
sts create web --image=nginx:1.29 --replicas=3 --port=web:80 --storage=www=1Gi:/usr/share/nginx/html

# A database with its password from a Secret, apart from each other
sts create db --image=postgres:17 --replicas=3 --env-from=secret/db --storage=data=10Gi:/data --anti-affinity=required

# Everything that is in a file, or in all files of a directory
sts create -f mysql.yaml

# Only the manifests, to be committed
sts create web --image=nginx:1.29 --port=web:80 --dry-run=client -o yaml > web.yaml`,
  flags: createFlags,

  options(input) {
    return {
      connection: readConnection(input),
      source: readSource(input),
      makeServices: !input.boolean("no-service"),
      dryRun: readDryRun(input),
      output: readOutput(input, outputFormats),
      fieldManager: input.text("field-manager") ?? "sts",
      wait: readWait(input),
    };
  },

  async run(given, context) {
    const options = { ...given, output: await loadOutput(context, given.output) };
    const objects =
      "set" in options.source
        ? objectsFromFlags(options.source.set)
        : objectsFromFiles(await readManifests(context, options.source.files));
    if (options.dryRun === "client") return showOnly(context, objects, options);
    const cluster = await context.cluster(options.connection);
    const located = await locateObjects(cluster, objects, options.connection.namespace);
    return createIn(cluster, context, located, options);
  },
});

function readSource(input: Input): Options["source"] {
  const files = readManifestFlags(input);
  if (!files) return { set: readSetOptions(input) };
  const extra = setFlags.find(({ name }) => input.given(name));
  if (extra)
    throw new UsageError(`--${extra.name} cannot be used with -f: the manifests say what the set is like`);
  if (input.args.length > 0) throw new UsageError(`-f and the name ${input.args[0]} cannot be used together`);
  if (input.rest.length > 0) throw new UsageError("-f and a command after -- cannot be used together");
  return { files };
}

/** `--dry-run=client`: no server is asked, so every Service that is not in the files is taken for missing. */
function showOnly(context: Context, objects: readonly PlannedObject[], options: Options): number {
  const missing = options.makeServices ? missingServices(objects) : [];
  const all = withServices(
    objects,
    missing.map(({ service }) => madeHere(service, true)),
  );
  const manifests = all.map(({ manifest }) => manifest);
  if (options.output.type !== "table") context.out.write(formatObjects(options.output, manifests));
  else for (const manifest of manifests) context.out.write(resultLine(manifest, "created", " (dry run)"));
  return 0;
}

async function createIn(
  cluster: Cluster,
  context: Context,
  located: readonly LocatedObject[],
  options: Options,
): Promise<number> {
  const naming = namingFor(context.program, cluster, options.connection);
  const objects = await addServices(context, cluster, located, { make: options.makeServices });
  const sets = objects.filter(({ manifest }) => isStatefulSet(manifest));
  const notes = await startNotes(context, cluster, objects, sets);
  const findings = await checkObjects(cluster, objects, options.fieldManager);
  const waits = options.wait.wait && options.dryRun === "none";
  if (!waits || !(await isUnfinished(context, cluster, findings, naming)))
    refuseUnlessCreatable(findings, naming);
  warnOfDropped(context, findings);
  const inLines = options.output.type === "table";
  const suffix = dryRunSuffixes[options.dryRun];
  const say = ({ object, action }: Result): void => {
    if (inLines) context.out.write(resultLine(object.manifest, action, suffix));
  };
  if (options.dryRun === "server") {
    const answers = findings.flatMap((finding) => ("answer" in finding ? [finding.answer] : []));
    for (const { object, state } of findings)
      say({ object, action: state === "new" ? "created" : "unchanged" } as Result);
    if (!inLines) context.out.write(formatObjects(options.output, answers));
    return 0;
  }
  const results = await createObjects(cluster, findings, options.fieldManager, context.signal, say);
  const targets = results.flatMap((result) => followTarget(naming, result, notes.get(result.object) ?? []));
  const code = await waitFor(cluster, context, targets, options.wait, naming);
  if (!inLines)
    context.out.write(
      formatObjects(
        options.output,
        await readAgain(
          cluster,
          results.map(({ answer }) => answer),
        ),
      ),
    );
  return code;
}

/** The trial tells what the server makes of an object, before it is made. */
function warnOfDropped(context: Context, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { manifest } = finding.object;
    const dropped = "answer" in finding ? droppedFields(manifest, finding.answer) : [];
    for (const text of dropped) context.err.write(`warning: ${resourceName(manifest)}: ${text}\n`);
  }
}

function followTarget(
  naming: NamingFor,
  { object: { manifest }, answer, action }: Result,
  notes: string[],
): FollowTarget[] {
  if (!isStatefulSet(manifest)) return [];
  // What was there before this run is told as it stands, not as if it were new.
  return [{ ...startTarget(naming, manifest, answer, notes), ...(action === "created" && { before: [] }) }];
}

async function waitFor(
  cluster: Cluster,
  context: Context,
  targets: FollowTarget[],
  wait: WaitOptions,
  naming: NamingFor,
): Promise<number> {
  if (targets.length === 0) return 0;
  if (!wait.wait) {
    for (const { namespace, name, notes } of targets) {
      for (const note of notes) context.err.write(`${namespace}/${name}: ${note}\n`);
    }
    return 0;
  }
  const { code } = await follow(context, cluster, { operation: "create", targets, wait, naming });
  return code;
}
