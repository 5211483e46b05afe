import { StatusError } from "../store/status.js";

/** What objects are made into on their way out: `as=Table;v=v1;g=meta.k8s.io`. */
export interface Transformation {
  as: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  version: "v1" | "v1beta1";
}

/** How a client wants its answer. */
export interface Accepted {
  yaml: boolean;
  transformation?: Transformation | undefined;
}

/** What a resource can be asked for as. */
export interface Offer {
  /** False for what is no object, as a review. */
  transformations?: boolean;
  /** True for collections, which can be watched. */
  streams?: boolean;
  /** True for this request being a watch. */
  watch?: boolean;
}

interface Clause {
  type: string;
  quality: number;
  parameters: ReadonlyMap<string, string>;
}

// Protobuf is taken, and not spoken.
const types = ["application/json", "application/yaml"];
const streaming = ["application/json;stream=watch"];

/**
 * Reads an Accept header as the API does (goautoneg and its negotiation package): the first of the wishes, by quality,
 * that can be met. Throws the API's 406, in the router's words when no type fits and else in those of the handler.
 */
export function negotiate(header: string, offer: Offer): Accepted {
  if (header === "") return { yaml: false };
  if (!fits(header)) throw routerRefusal(offer.streams ? [...types, ...streaming] : types);
  for (const clause of header.split(",").map(clauseOf).sort(byWish)) {
    const accepted = meet(clause, offer);
    // YAML has no frames to tell events apart by.
    if (accepted?.yaml && offer.watch) throw refusal(streaming);
    if (accepted) return accepted;
  }
  throw refusal(types);
}

function refusal(available: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${available.join(", ")}`;
  return new StatusError(406, "NotAcceptable", message);
}

/** True when a type of the header is one that is spoken here, whatever its parameters ask for. */
export function fits(header: string): boolean {
  return header.split(",").some((clause) => ["", "*/*", ...types].includes(clauseOf(clause).type));
}

/** 406 as the API's router has it, for what is served in `available` types alone. */
export function routerRefusal(available: readonly string[]): StatusError {
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(", ")}`;
  return new StatusError(406, "NotAcceptable", message, {});
}

/** True for a client that would rather have YAML than JSON, errors included. */
export function prefersYaml(header: string): boolean {
  if (!header.includes("yaml")) return false;
  const clauses = header.split(",").map(clauseOf).sort(byWish);
  const known = clauses.find(({ type }) => ["*/*", "application/*", ...types].includes(type));
  return known?.type === "application/yaml";
}

function clauseOf(text: string): Clause {
  const [type = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = new Map(
    rest.flatMap((part): [string, string][] => {
      const [name = "", value = "", ...more] = part.split("=").map((word) => word.trim());
      return value && more.length === 0 ? [[name, value]] : [];
    }),
  );
  const quality = Number(parameters.get("q") ?? 1);
  return { type: type === "*" ? "*/*" : type, quality: Number.isNaN(quality) ? 0 : quality, parameters };
}

function byWish(one: Clause, other: Clause): number {
  const stars = ({ type }: Clause) => type.split("*").length;
  return other.quality - one.quality || stars(one) - stars(other);
}

function meet({ type, parameters }: Clause, offer: Offer): Accepted | undefined {
  const found = types.find((known) => ["*/*", "application/*", known].includes(type));
  if (!found) return undefined;
  const yaml = found === "application/yaml";
  const stream = parameters.get("stream");
  if (stream !== undefined && (stream !== "watch" || yaml)) return undefined;
  if (!["as", "g", "v"].some((name) => parameters.has(name))) return { yaml };
  const transformation = transformationOf(parameters);
  return transformation && offer.transformations !== false ? { yaml, transformation } : undefined;
}

function transformationOf(parameters: ReadonlyMap<string, string>): Transformation | undefined {
  if (parameters.get("g") !== "meta.k8s.io") return undefined;
  const as = (["Table", "PartialObjectMetadata", "PartialObjectMetadataList"] as const).find(
    (known) => known === parameters.get("as"),
  );
  const version = (["v1", "v1beta1"] as const).find((known) => known === parameters.get("v"));
  return as && version && { as, version };
}
