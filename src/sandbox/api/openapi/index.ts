import { createHash } from "node:crypto";
import type { Answer } from "../answer.js";
import type { Served } from "../discovery.js";
import type { ApiRequest } from "../request.js";
import { versionTwo } from "./v2.js";

const index = "/openapi/v3";
const plainText = "text/plain; charset=utf-8";

/** A document as it is sent, and the hash of it that clients remember it by. */
interface Sent {
  text: string;
  hash: string;
}

/**
 * `/openapi/v3`, and what there is of `/openapi/v2`: the documents that kubectl reads before it writes. They follow from the table of kinds, and are made
 * when somebody asks for the first time: most sandboxes end without.
 */
export class OpenApi {
  #documents: Promise<ReadonlyMap<string, Sent>> | undefined;

  constructor(
    private readonly served: readonly Served[],
    private readonly kubernetesVersion: string,
  ) {}

  /** Answers GET of the index and of the documents; undefined for other paths. */
  async answer(request: Pick<ApiRequest, "path" | "query" | "headers">): Promise<Answer | undefined> {
    const { path, query, headers } = request;
    if (path === "/openapi/v2") return versionTwo(headers.accept ?? "", this.kubernetesVersion);
    if (path !== index && !path.startsWith(`${index}/`)) return undefined;
    const documents = await (this.#documents ??= this.#make());
    // The API leaves the type of its index to Go, which takes JSON for text.
    if (path === index) return current(indexOf(documents), headers, { "Content-Type": plainText });
    const name = path.slice(index.length + 1);
    const document = documents.get(name);
    if (!document) return { code: 404, body: "" };
    const vary = { Vary: "Accept" };
    if (!takesJson(headers.accept ?? "")) return { code: 406, body: "", headers: vary };
    const asked = query.get("hash");
    if (asked && asked !== document.hash) {
      return { code: 301, body: "", headers: { ...vary, ...tag(document), Location: urlOf(name, document) } };
    }
    return current(document, headers, { ...vary, ...(asked && lasting()) });
  }

  async #make(): Promise<ReadonlyMap<string, Sent>> {
    // Loaded only here: a server that nobody asks need not know it.
    const { groupDocument } = await import("./document.js");
    const groups = new Map<string, Served[]>();
    for (const kind of this.served) {
      const name = kind.group ? `apis/${kind.group}/${kind.version}` : `api/${kind.version}`;
      groups.set(name, [...(groups.get(name) ?? []), kind]);
    }
    const made = [...groups].map(([name, kinds]): [string, Sent] => [
      name,
      sent(groupDocument(kinds, this.served, this.kubernetesVersion)),
    ]);
    return new Map(made.sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}

function sent(document: object): Sent {
  const text = JSON.stringify(document);
  return { text, hash: createHash("sha512").update(text).digest("hex").toUpperCase() };
}

function indexOf(documents: ReadonlyMap<string, Sent>): Sent {
  const paths = [...documents].map(([name, document]) => [
    name,
    { serverRelativeURL: urlOf(name, document) },
  ]);
  return sent({ paths: Object.fromEntries(paths) });
}

function urlOf(name: string, { hash }: Sent): string {
  return `${index}/${name}?hash=${hash}`;
}

function tag({ hash }: Sent): Record<string, string> {
  return { ETag: `"${hash}"`, "Content-Type": "application/json" };
}

/** A document by its hash never changes: apiserver lets clients keep it for a year. */
function lasting(): Record<string, string> {
  const year = new Date(Date.now() + 365 * 24 * 3600 * 1000);
  return { "Cache-Control": "public, immutable", Expires: year.toUTCString() };
}

/** The document, or 304 to a client that has it. */
function current(document: Sent, headers: ApiRequest["headers"], more: Record<string, string>): Answer {
  const known = (headers["if-none-match"] ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  const same = known.includes(`"${document.hash}"`) || known.includes("*");
  return { code: same ? 304 : 200, body: same ? "" : document.text, headers: { ...tag(document), ...more } };
}

/** Documents are served as JSON alone; the API has them as protobuf, too. */
function takesJson(accept: string): boolean {
  const types = accept.split(",").map((part) => part.split(";", 1)[0]?.trim() ?? "");
  return types.some((type) => ["", "*/*", "application/*", "application/json"].includes(type));
}
