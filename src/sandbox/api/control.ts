import type { IncomingMessage, RequestListener } from "node:http";
import type { Faults } from "../faults/faults.js";
import { readFault } from "../faults/read.js";
import type { SandboxKind } from "../kinds/kind.js";
import { badRequest, StatusError } from "../store/status.js";
import { statusOf, type Answer } from "./answer.js";
import { authenticate, type TokenUser } from "./authentication.js";
import { readBody } from "./body.js";
import { send } from "./server.js";

export interface ControlOptions {
  /** Of these only administrators have business here. */
  users: readonly TokenUser[];
  faults: Faults;
  kinds: readonly SandboxKind[];
}

const faultsPath = "/sandbox.sts/faults";

/**
 * What `sts sandbox fault` talks to. It has an address of its own beside the API's, so that no fault falls upon it and
 * it is there while the API is away:
 *
 * - `GET /sandbox.sts/faults` lists them, as `{items: FaultReport[]}`;
 * - `POST` puts one on (a `FaultSpec`) and answers its `FaultReport`;
 * - `DELETE /sandbox.sts/faults`, or `…/NAME`, takes them away and answers what they were.
 *
 * Errors are Statuses, as the API's are.
 */
export function controlServer(options: ControlOptions): RequestListener {
  return (message, response) => {
    answer(options, message)
      .catch((error: unknown): Answer => {
        const body = statusOf(error);
        return { code: body.code ?? 500, body };
      })
      .then((result) => send(response, result, [], message))
      .catch(() => response.destroy());
  };
}

async function answer({ users, faults, kinds }: ControlOptions, message: IncomingMessage): Promise<Answer> {
  const { name, groups } = authenticate(users, message.headers);
  if (!groups.includes("system:masters")) {
    throw new StatusError(
      403,
      "Forbidden",
      `forbidden: User "${name}" cannot put faults on this sandbox`,
      {},
    );
  }
  const [path = ""] = (message.url ?? "").split("?");
  const which = path.startsWith(`${faultsPath}/`) ? decoded(path.slice(faultsPath.length + 1)) : undefined;
  if (path !== faultsPath && !which) throw new StatusError(404, "NotFound", `there is no ${path}`, {});
  if (message.method === "GET" && !which) return { code: 200, body: { items: await faults.list() } };
  if (message.method === "DELETE") return { code: 200, body: { items: await faults.clear(which) } };
  if (message.method !== "POST" || which) {
    throw new StatusError(
      405,
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
      {},
    );
  }
  const spec = readFault((await readBody(message)).toString("utf8"), kinds);
  return { code: 201, body: await faults.inject(spec) };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw badRequest(`no name of a fault: ${name}`);
  }
}
