import type { FieldError } from "../kind.js";
import type { Json } from "../schema.js";
import { containerPorts, hostPorts, resources, volumeMounts } from "./container-parts.js";
import { environment, environmentSources } from "./environment.js";
import { duplicate, each, oneOf, required } from "./errors.js";
import { hooksAndProbes, noHooksAndProbes } from "./handlers.js";
import { dnsLabel } from "./names.js";
import { containerSecurity } from "./security.js";

const restartPolicies = ["Always", "Never", "OnFailure"];

export function containers(field: string, spec: Json, volumes: ReadonlySet<string>): FieldError[] {
  const list: Json[] = spec.containers ?? [];
  if (list.length === 0) return [required(field)];
  const names = new Set<string>();
  return [
    ...list.flatMap((container, at) => [
      ...containerErrors(`${field}[${at}]`, container, volumes),
      ...unlike(`${field}[${at}].name`, container.name ?? "", names),
      ...hooksAndProbes(`${field}[${at}]`, container, spec.terminationGracePeriodSeconds),
      ...restartPolicy(`${field}[${at}]`, container),
    ]),
    ...hostPorts(field, list),
  ];
}

export function initContainers(field: string, spec: Json, volumes: ReadonlySet<string>): FieldError[] {
  const list: Json[] = spec.initContainers ?? [];
  const names = new Set<string>((spec.containers ?? []).map(({ name }: Json) => name));
  return list.flatMap((container, at) => [
    ...containerErrors(`${field}[${at}]`, container, volumes),
    ...restartPolicy(`${field}[${at}]`, container),
    ...unlike(`${field}[${at}].name`, container.name ?? "", names),
    ...hostPorts(field, [container]),
    ...(container.restartPolicy === "Always"
      ? hooksAndProbes(`${field}[${at}]`, container, spec.terminationGracePeriodSeconds)
      : noHooksAndProbes(`${field}[${at}]`, container)),
  ]);
}

function restartPolicy(
  field: string,
  { restartPolicy: policy, restartPolicyRules: rules }: Json,
): FieldError[] {
  if (policy !== undefined) return oneOf(`${field}.restartPolicy`, policy, restartPolicies);
  const text = "must specify restartPolicy when restart rules are used";
  return rules?.length ? [required(`${field}.restartPolicy`, text)] : [];
}

function unlike(field: string, name: string, names: Set<string>): FieldError[] {
  const again = names.has(name);
  names.add(name);
  return again ? [duplicate(field, name)] : [];
}

function containerErrors(field: string, value: Json, volumes: ReadonlySet<string>): FieldError[] {
  const { name, image } = value;
  return [
    ...(name ? each(`${field}.name`, name, dnsLabel(name)) : [required(`${field}.name`)]),
    ...(image ? [] : [required(`${field}.image`)]),
    ...oneOf(`${field}.terminationMessagePolicy`, value.terminationMessagePolicy, [
      "File",
      "FallbackToLogsOnError",
    ]),
    ...containerPorts(`${field}.ports`, value.ports),
    ...environment(`${field}.env`, value.env),
    ...environmentSources(`${field}.envFrom`, value.envFrom),
    ...volumeMounts(`${field}.volumeMounts`, value, volumes),
    ...oneOf(`${field}.imagePullPolicy`, value.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...resources(`${field}.resources`, value.resources),
    ...containerSecurity(`${field}.securityContext`, value.securityContext),
  ];
}
