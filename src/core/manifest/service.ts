import type { Manifest, Service, StatefulSet } from "../model.js";
import { matches, requirementsOf, type Labels } from "../selector.js";
import { unlessTcp } from "./pod-template.js";

type SetSpec = StatefulSet["spec"];

/** The spec of a StatefulSet manifest. Its shape was checked before (shape.ts). */
export function setSpec(set: Manifest): SetSpec {
  return set["spec"] as SetSpec;
}

/**
 * The headless Service that gives a set's pods their DNS names: the name that the set asks for, the ports of its
 * containers, and the labels that its pods have. Undefined for a set that names no Service.
 */
export function headlessService(set: Manifest): Manifest | undefined {
  const spec = setSpec(set);
  if (!spec.serviceName) return undefined;
  const { namespace, labels } = set.metadata as { namespace?: string; labels?: Labels };
  const ports = servicePorts(spec);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: spec.serviceName, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
    spec: {
      clusterIP: "None",
      ...(ports.length > 0 ? { ports } : {}),
      selector: spec.selector.matchLabels ?? spec.template.metadata?.labels,
    },
  };
}

/** A Service refuses a port that is there twice, and a port without a name where there are several. */
function servicePorts({ template }: SetSpec): object[] {
  const all = (template.spec?.containers ?? []).flatMap(({ ports }) => ports ?? []);
  const distinct = new Map(
    all.map((port) => [`${port.containerPort}/${port.protocol ?? "TCP"}`, port] as const),
  );
  const names = new Set<string>();
  return [...distinct.values()].map(({ name, containerPort, protocol = "TCP" }) => {
    const fallback = `${protocol.toLowerCase()}-${containerPort}`;
    const unique = name && !names.has(name) ? name : fallback;
    names.add(unique);
    return { name: unique, port: containerPort, ...unlessTcp(protocol) };
  });
}

/** What is wrong with the Service a set relies on, each as a sentence; empty when it does what it should. */
export function serviceProblems(
  set: Manifest,
  service: Pick<Service, "spec"> & { metadata: { name: string } },
): string[] {
  const { clusterIP, selector } = service.spec;
  const { name } = service.metadata;
  const problems: string[] = [];
  if (clusterIP !== "None") {
    problems.push(
      `Service ${name} is not headless (clusterIP: None): the pods get no DNS names of their own`,
    );
  }
  const labels = setSpec(set).template.metadata?.labels;
  const chosen = selector && matches(requirementsOf({ matchLabels: selector }), labels);
  if (!chosen) {
    const written = Object.entries(selector ?? {}).map(([key, value]) => `${key}=${value}`);
    problems.push(
      `Service ${name} does not select the pods of ${set.metadata.name}: ${written.length > 0 ? `it selects ${written.join(",")}` : "it has no selector"}`,
    );
  }
  return problems;
}
