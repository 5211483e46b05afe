import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Resources } from "../store/resources.js";
import { StatusError } from "../store/status.js";
import { isAllowed, refusal } from "./rbac.js";
import type { User } from "./request.js";

/** Somebody who may speak to the server by a bearer token. */
export interface TokenUser {
  token: string;
  name: string;
  groups?: string[] | undefined;
}

const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** Who sends a request. Without a token it is nobody in particular; a wrong one gives the API's 401. */
export function authenticate(users: readonly TokenUser[], { authorization }: IncomingHttpHeaders): User {
  const [scheme, token] = (authorization ?? "").trim().split(/\s+/);
  if (scheme?.toLowerCase() !== "bearer" || !token) return anonymous;
  const user = users.find((known) => sameSecret(known.token, token));
  if (!user) throw new StatusError(401, "Unauthorized", "Unauthorized");
  return { name: user.name, groups: [...(user.groups ?? []), "system:authenticated"] };
}

function sameSecret(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whom a request is to be judged as: `Impersonate-User` and `Impersonate-Group`, for those who may. */
export function impersonate(resources: Resources, user: User, headers: IncomingHttpHeaders): User {
  const name = headers["impersonate-user"];
  const given = headers["impersonate-group"];
  const groups = given === undefined ? [] : [given].flat().flatMap((value) => value.split(/,\s*/));
  if (typeof name !== "string") {
    if (groups.length === 0) return user;
    const message = "requested [{Group  }] without impersonating a user name";
    throw new StatusError(500, "InternalError", `Internal error occurred: ${message}`);
  }
  check(resources, user, "users", name);
  for (const group of groups) check(resources, user, "groups", group);
  return {
    name,
    groups: [...groups, name === anonymous.name ? "system:unauthenticated" : "system:authenticated"],
  };
}

function check(resources: Resources, user: User, resource: string, name: string): void {
  const what = { group: "", resource, namespace: "", name, subresource: "" };
  const attributes = { verb: "impersonate", path: "", resource: what };
  if (isAllowed(resources, user, attributes)) return;
  throw refusal(user, attributes);
}
