import type { AnyObject } from "../port.js";
import type { Environment } from "../store/environment.js";
import { badRequest, StatusError } from "../store/status.js";
import type { Transformation } from "./accept.js";
import { tableOf } from "./tables/index.js";

interface List {
  kind: string;
  apiVersion: string;
  metadata: object;
  items: AnyObject[];
}

type Shown = AnyObject | List;

/** Makes what is answered into what was asked for by `as=`. A Status stays as it is. */
export class Transformer {
  readonly #apiVersion: string;
  readonly #includeObject: string;

  /** Throws the API's 400 for a bad `includeObject`. */
  constructor(
    private readonly transformation: Transformation,
    query: URLSearchParams,
    private readonly env: Pick<Environment, "now" | "kubernetesVersion">,
  ) {
    this.#apiVersion = `meta.k8s.io/${transformation.version}`;
    this.#includeObject = transformation.as === "Table" ? includeObject(query) : "";
  }

  /** Of an answer. Throws the API's 406 for a list where an object was asked for, or the reverse. */
  answer(body: object): object {
    const shown = body as Shown;
    const { as } = this.transformation;
    if (shown.kind === "Status") return body;
    if (as === "Table") return this.#table(shown, true);
    if (isList(shown) !== (as === "PartialObjectMetadataList")) throw otherwise(as, shown);
    if (!isList(shown)) return this.#partial(shown);
    const items = shown.items.map((item) => this.#partial(item));
    return { kind: as, apiVersion: this.#apiVersion, metadata: shown.metadata, items };
  }

  /** Of the object of an event. @param first true for the first of a watch, which alone has a Table's columns. */
  event(object: object, first: boolean): object {
    const shown = object as AnyObject;
    if (shown.kind === "Status") return object;
    return this.transformation.as === "Table" ? this.#table(shown, first) : this.#partial(shown);
  }

  #partial({ metadata }: AnyObject): object {
    return { kind: "PartialObjectMetadata", apiVersion: this.#apiVersion, metadata };
  }

  #table(shown: Shown, headers: boolean): object {
    const kind = isList(shown) ? shown.kind.slice(0, -"List".length) : shown.kind;
    const type = { kind, apiVersion: shown.apiVersion };
    const { now, kubernetesVersion } = this.env;
    const rowObject = (object: AnyObject) => this.#rowObject({ ...object, ...type });
    return {
      kind: "Table",
      apiVersion: this.#apiVersion,
      metadata: isList(shown) ? shown.metadata : { resourceVersion: shown.metadata.resourceVersion },
      ...tableOf(kind, isList(shown) ? shown.items : shown, {
        now: now(),
        kubernetesVersion,
        headers,
        rowObject,
      }),
    };
  }

  #rowObject(object: AnyObject): object | null {
    if (this.#includeObject === "Object") return object;
    // What ends the first events of a watch is to be recognized by all.
    const ends = object.metadata.annotations?.["k8s.io/initial-events-end"] === "true";
    return this.#includeObject === "None" && !ends ? null : this.#partial(object);
  }
}

function isList(shown: Shown): shown is List {
  return "items" in shown && shown.kind.endsWith("List");
}

function includeObject(query: URLSearchParams): string {
  const wanted = query.get("includeObject") ?? "";
  if (["", "None", "Metadata", "Object"].includes(wanted)) return wanted;
  const why = `Invalid value: ${JSON.stringify(wanted)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}

function otherwise(as: string, { kind, apiVersion }: Shown): StatusError {
  const [, group = "core"] = apiVersion.split("/").reverse();
  // The API names a type of its own.
  const type = `*${group.split(".")[0]}.${kind}`;
  const is = as === "PartialObjectMetadata" ? "a list" : "not a list";
  return new StatusError(
    406,
    "NotAcceptable",
    `you requested ${as}, but the requested object is ${is} (${type})`,
  );
}
