import { UsageError } from "../errors.js";
import { compareQuantities, parseQuantity } from "../quantity.js";
import { envNameProblem, labelKeyProblem, labelProblem, portNameProblem, subdomainProblem } from "./names.js";
import { checkDistinct, checkName, parsePairs, refuse, splitAt } from "./parse.js";

export interface ContainerImage {
  name: string;
  image: string;
}

export interface Port {
  name: string;
  number: number;
  protocol: "TCP" | "UDP" | "SCTP";
}

export interface Env {
  name: string;
  value: string;
}

/** A ConfigMap or Secret by name. */
export interface SourceRef {
  kind: "configmap" | "secret";
  name: string;
}

/** Resource name → quantity as written. */
export type Amounts = ReadonlyMap<string, string>;

export type Probe =
  | { type: "http"; port: number | string; path: string }
  | { type: "tcp"; port: number | string }
  | { type: "exec"; command: string[] };

/** `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`; Kubernetes accepts more, and fails later with InvalidImageName. */
const imageForm =
  /^([\w.-]+(:\d+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]{0,127})?(@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?$/;

/** Reads every `--image [NAME=]IMG`. A container without a name is called as its image is. */
export function parseImages(values: readonly string[]): ContainerImage[] {
  if (values.length === 0)
    throw new UsageError("--image=IMAGE is needed: what the pods run, such as nginx:1.29");
  const images = values.map((value) => {
    const [name, image] = splitAt(value, "=") ?? [undefined, value];
    if (!imageForm.test(image)) refuse("image", value, "is not [NAME=]IMAGE, such as nginx:1.29");
    return { name: checkName("image", name ?? imageName(image), labelProblem, "name of a container"), image };
  });
  const names = images.map(({ name }) => name);
  checkDistinct("image", names, "name of a container: write NAME=IMAGE");
  return images;
}

/** `nginx` of `docker.io/library/nginx:1.29@sha256:…`. */
function imageName(image: string): string {
  const [path = ""] = (image.split("/").at(-1) ?? "").split(/[:@]/);
  return path.replace(/[._]+/g, "-").slice(0, 63);
}

/** Reads every `--port [NAME:]PORT[/PROTO]`. A port without a name gets one, because SRV records need it. */
export function parsePorts(values: readonly string[]): Port[] {
  const ports = values.map((value) => {
    const [, name, digits = "", protocol = "TCP"] =
      /^(?:([^:]*):)?(\d{1,9})(?:\/([A-Za-z]+))?$/.exec(value) ??
      refuse("port", value, "is not [NAME:]PORT[/PROTOCOL], such as web:80 or 53/udp");
    const number = Number(digits);
    if (number < 1 || number > 65_535) refuse("port", value, "is not a port from 1 to 65535");
    const upper = ["TCP", "UDP", "SCTP"].find((known) => known === protocol.toUpperCase());
    if (!upper) refuse("port", value, "has a protocol other than tcp, udp or sctp");
    const given = name === undefined ? `${upper.toLowerCase()}-${number}` : name;
    checkName("port", given, portNameProblem, "name of a port");
    return { name: given, number, protocol: upper as Port["protocol"] };
  });
  checkDistinct(
    "port",
    ports.map(({ name }) => name),
    "name of a port",
  );
  checkDistinct(
    "port",
    ports.map(({ number, protocol }) => `${number}/${protocol}`),
    "port",
  );
  return ports;
}

/** Reads every `--env K=V`; the value may be empty and may hold commas and more `=`. */
export function parseEnv(values: readonly string[]): Env[] {
  const env = values.map((value) => {
    const [name, content] = splitAt(value, "=") ?? refuse("env", value, "is not NAME=VALUE");
    return { name: checkName("env", name, envNameProblem, "name of a variable"), value: content };
  });
  checkDistinct(
    "env",
    env.map(({ name }) => name),
    "name of a variable",
  );
  return env;
}

/** Reads `configmap/NAME` or `secret/NAME`. */
export function parseSourceRef(flag: string, value: string): SourceRef {
  const [kind, name] = splitAt(value, "/") ?? refuse(flag, value, "is not configmap/NAME or secret/NAME");
  const known = (["configmap", "secret"] as const).find((candidate) => candidate === kind.toLowerCase());
  if (!known) refuse(flag, value, "is not configmap/NAME or secret/NAME");
  return { kind: known, name: checkName(flag, name, subdomainProblem, `name of a ${known}`) };
}

/** Reads `cpu=100m,memory=1Gi` of `--requests` or `--limits`. */
export function parseAmounts(flag: string, values: readonly string[]): Amounts {
  const amounts = parsePairs(flag, values, "RESOURCE=QUANTITY, such as cpu=100m,memory=1Gi");
  for (const [resource, amount] of amounts) {
    checkName(flag, resource, labelKeyProblem, "name of a resource");
    if (checkQuantity(flag, amount).nano < 0n) refuse(flag, `${resource}=${amount}`, "is below zero");
  }
  return amounts;
}

export function checkQuantity(flag: string, text: string) {
  try {
    return parseQuantity(text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`--${flag}: ${error.message}`) : error;
  }
}

/** The API refuses a request above its limit. */
export function checkRequests(requests: Amounts, limits: Amounts): void {
  for (const [resource, request] of requests) {
    const limit = limits.get(resource);
    if (limit !== undefined && compareQuantities(request, limit) > 0) {
      refuse("requests", `${resource}=${request}`, `is more than its limit ${limit}`);
    }
  }
}

const probeForm = "is not http:PORT[/PATH], tcp:PORT or exec:COMMAND";

/** Reads `http:PORT/PATH`, `tcp:PORT` or `exec:CMD`. PORT is a number or the name of one of `ports`. */
export function parseProbe(flag: string, value: string, ports: readonly Port[]): Probe {
  const [type, rest] = splitAt(value, ":") ?? refuse(flag, value, probeForm);
  if (type === "tcp") return { type, port: parseProbePort(flag, rest, ports) };
  if (type === "http") {
    const [port, path] = splitAt(rest, "/") ?? [rest, ""];
    return { type, port: parseProbePort(flag, port, ports), path: `/${path}` };
  }
  // A shell, so that quotes and `&&` mean what they mean in a terminal, as with Docker's HEALTHCHECK.
  if (type === "exec" && rest.trim()) return { type, command: ["sh", "-c", rest.trim()] };
  return refuse(flag, value, probeForm);
}

function parseProbePort(flag: string, text: string, ports: readonly Port[]): number | string {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number >= 1 && number <= 65_535 ? number : refuse(flag, text, "is not a port from 1 to 65535");
  }
  if (ports.some(({ name }) => name === text)) return text;
  const known = ports.map(({ name }) => name).join(", ");
  return refuse(flag, text, `is neither a number nor the name of a --port${known ? ` (${known})` : ""}`);
}
