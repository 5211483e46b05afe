import type { Json } from "../schema.js";
import { invalid, required } from "./errors.js";
import { headerName, portName } from "./names.js";
import { defined, fields, given, onlyOne, type Rule } from "./rules.js";
import { mayNotBe, must, named, needed, notNegative, oneOf, portNumber } from "./values.js";

/** A port by its number, or by the name that a container gives it. */
export const portOrName: Rule = (port, path) =>
  (typeof port === "string" ? named(portName) : portNumber)(port, path);

const headers: Rule = (list: Json[] = [], path) =>
  // The API names no index here.
  list.flatMap(({ name }) => named(headerName)(name, path));

const tcpSocket = fields({ port: portOrName });

const handlers: Readonly<Record<string, Rule>> = {
  exec: fields({ command: needed }),
  httpGet: fields({ port: portOrName, scheme: oneOf("HTTP", "HTTPS"), httpHeaders: headers }),
  tcpSocket,
  grpc: tcpSocket,
};

/** What a probe or a hook does: one thing. */
function handler(kinds: readonly string[], rules = handlers): Rule {
  const one = onlyOne(kinds, rules, "may not specify more than 1 handler type");
  return (value, path) =>
    kinds.some((name) => value[name]) ? one(value, path) : [required(path, "must specify a handler type")];
}

const probeHandler = handler(["exec", "httpGet", "tcpSocket", "grpc"]);
const counters = fields({
  initialDelaySeconds: notNegative,
  timeoutSeconds: notNegative,
  periodSeconds: notNegative,
  successThreshold: notNegative,
  failureThreshold: notNegative,
});
const ownGrace = defined(must((seconds) => seconds > 0, "must be greater than 0"));

/** Of what restarts a container. */
const restartingProbe = given(
  probeHandler,
  counters,
  fields({
    terminationGracePeriodSeconds: ownGrace,
    successThreshold: must((times) => times === 1, "must be 1"),
  }),
);

const readinessProbe = given(
  probeHandler,
  counters,
  fields({
    terminationGracePeriodSeconds: defined(
      ownGrace,
      must(() => false, "must not be set for readinessProbes"),
    ),
  }),
);

/** The hooks and probes of a container; @param grace the pod's terminationGracePeriodSeconds */
export function hooksAndProbes(grace: number): Rule {
  const text = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
  const sleep: Rule = ({ seconds }, path) =>
    seconds < 0 || seconds > grace ? [invalid(path, seconds, text)] : [];
  const hook = given(handler(["exec", "httpGet", "tcpSocket", "sleep"], { ...handlers, sleep }));
  return fields({
    lifecycle: fields({
      postStart: hook,
      preStop: hook,
      stopSignal: mayNotBe("may not be set for containers with empty `spec.os.name`"),
    }),
    livenessProbe: restartingProbe,
    readinessProbe,
    startupProbe: restartingProbe,
  });
}

const absent = mayNotBe("may not be set for init containers without restartPolicy=Always");

/** What an init container that ends may not have. */
export const noHooksAndProbes = fields({
  lifecycle: absent,
  livenessProbe: absent,
  readinessProbe: absent,
  startupProbe: absent,
});
