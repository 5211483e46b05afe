import type { Labels } from "../selector.js";
import { present } from "./parse.js";
import type { Amounts, ContainerImage, Probe, SourceRef } from "./parse-container.js";
import type { AntiAffinity, Mount } from "./parse-pod.js";
import type { SetOptions } from "./set-options.js";

interface NamedMount extends Mount {
  /** Of the volume. */
  name: string;
}

/** `spec.template` of the set: labels and pod. */
export function podTemplate(options: SetOptions, labels: Labels, selector: Labels): object {
  const mounts = nameVolumes(options);
  const [first, ...others] = options.containers;
  return {
    metadata: { labels },
    spec: present({
      serviceAccountName: options.serviceAccount,
      terminationGracePeriodSeconds: options.gracePeriod,
      affinity: options.antiAffinity && affinity(options.antiAffinity, selector),
      topologySpreadConstraints: options.spread.map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selector },
      })),
      containers: [...(first ? [mainContainer(first, options, mounts)] : []), ...others],
      volumes: volumes(mounts),
    }),
  };
}

function mainContainer(image: ContainerImage, options: SetOptions, mounts: readonly NamedMount[]): object {
  const { readiness, liveness, startup } = options.probes;
  return present({
    ...image,
    command: options.command,
    ports: options.ports.map(({ name, number, protocol }) => ({
      name,
      containerPort: number,
      ...unlessTcp(protocol),
    })),
    envFrom: options.envFrom.map(envSource),
    env: options.env,
    resources: present({ requests: record(options.requests), limits: record(options.limits) }),
    volumeMounts: [...options.storage, ...mounts].map(({ name, mountPath }) => ({ name, mountPath })),
    startupProbe: startup && probe(startup),
    readinessProbe: readiness && probe(readiness),
    livenessProbe: liveness && probe(liveness),
  });
}

/** TCP is the default, and nobody writes it. */
export function unlessTcp(protocol: string): { protocol?: string } {
  return protocol === "TCP" ? {} : { protocol };
}

function record(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(amounts);
}

function envSource({ kind, name }: SourceRef): object {
  return kind === "secret" ? { secretRef: { name } } : { configMapRef: { name } };
}

function probe(wanted: Probe): object {
  if (wanted.type === "http") return { httpGet: { path: wanted.path, port: wanted.port } };
  if (wanted.type === "tcp") return { tcpSocket: { port: wanted.port } };
  return { exec: { command: wanted.command } };
}

function affinity({ required, topologyKey }: AntiAffinity, matchLabels: Labels): object {
  const term = { labelSelector: { matchLabels }, topologyKey };
  return {
    podAntiAffinity: required
      ? { requiredDuringSchedulingIgnoredDuringExecution: [term] }
      : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
  };
}

/** A volume is called as what it shows; a number tells it from the claims and volumes before it. */
function nameVolumes({ storage, mounts }: SetOptions): NamedMount[] {
  const taken = new Set(storage.map(({ name }) => name));
  const bySource = new Map<string, string>();
  return mounts.map((mount) => {
    const { source, mountPath } = mount;
    const id = source.kind === "emptydir" ? `emptydir ${mountPath}` : `${source.kind} ${source.name}`;
    const base = source.kind === "emptydir" ? (mountPath.split("/").findLast(Boolean) ?? "") : source.name;
    const name = bySource.get(id) ?? freeName(base, taken);
    taken.add(name);
    bySource.set(id, name);
    return { ...mount, name };
  });
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const label = wanted
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 58)
    .replace(/^-+|-+$/g, "");
  const base = label || "volume";
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}

/** One volume for each source, even where it is mounted twice. */
function volumes(mounts: readonly NamedMount[]): object[] {
  return [...new Map(mounts.map((mount) => [mount.name, mount])).values()].map(({ name, source }) => {
    if (source.kind === "emptydir") return { name, emptyDir: {} };
    if (source.kind === "secret") return { name, secret: { secretName: source.name } };
    return { name, configMap: { name: source.name } };
  });
}
