import type { Json } from "../schema.js";
import { containerPorts, hostPorts, resources, volumeMounts } from "./container-parts.js";
import { environment, environmentSources } from "./environment.js";
import { hooksAndProbes, noHooksAndProbes } from "./handlers.js";
import { dnsLabel } from "./names.js";
import { all, fields, first, items, type Rule } from "./rules.js";
import { containerSecurity } from "./security.js";
import { named, needed, neededTo, oneOf, unlike } from "./values.js";

/** The rules of the containers of a pod whose volumes have these names. */
export function containers(spec: Json, volumes: ReadonlySet<string>): Rule {
  const container = all(
    parts(volumes),
    fields({ name: unlike }),
    hooksAndProbes(spec.terminationGracePeriodSeconds),
    restartPolicy,
  );
  return first(needed, all(items(container), hostPorts));
}

export function initContainers(spec: Json, volumes: ReadonlySet<string>): Rule {
  const sidecar = hooksAndProbes(spec.terminationGracePeriodSeconds);
  return (list: Json[], path) =>
    items(
      all(
        parts(volumes),
        restartPolicy,
        fields({ name: unlike }),
        // The API counts them anew for each.
        (container) => hostPorts([container], path),
        (container, place) =>
          (container.restartPolicy === "Always" ? sidecar : noHooksAndProbes)(container, place),
      ),
      spec.containers ?? [],
    )(list, path);
}

const restartPolicy: Rule = (container: Json, path) => {
  const { restartPolicy: policy, restartPolicyRules: rules } = container;
  const known = oneOf("Always", "Never", "OnFailure");
  const missing = neededTo("must specify restartPolicy when restart rules are used");
  const wanted = policy !== undefined ? known : rules?.length ? missing : all();
  return fields({ restartPolicy: wanted })(container, path);
};

function parts(volumes: ReadonlySet<string>): Rule {
  return (container: Json, path) =>
    fields({
      name: first(needed, named(dnsLabel)),
      image: needed,
      terminationMessagePolicy: oneOf("File", "FallbackToLogsOnError"),
      ports: containerPorts,
      env: environment,
      envFrom: environmentSources,
      volumeMounts: volumeMounts(container, volumes),
      imagePullPolicy: oneOf("Always", "IfNotPresent", "Never"),
      resources,
      securityContext: containerSecurity,
    })(container, path);
}
