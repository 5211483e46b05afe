import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Resources } from "../store/resources.js";
import { badRequest, StatusError } from "../store/status.js";
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

/**
 * Whom a request is to be judged as: `Impersonate-User` and `Impersonate-Group`, for those who may. Throws the API's 400
 * for all that belongs to a user where none is named.
 */
export function impersonate(resources: Resources, user: User, headers: IncomingHttpHeaders): User {
  const name = headers["impersonate-user"];
  const groups = valuesOf(headers, "impersonate-group");
  if (typeof name !== "string" || name === "") {
    const wanted = nameless(headers, groups);
    if (wanted === undefined) return user;
    throw badRequest(`requested ${wanted} without impersonating a user name`);
  }
  check(resources, user, "users", name);
  for (const group of groups) check(resources, user, "groups", group);
  return {
    name,
    groups: [...groups, name === anonymous.name ? "system:unauthenticated" : "system:authenticated"],
  };
}

function valuesOf(headers: IncomingHttpHeaders, header: string): string[] {
  const given = headers[header];
  return given === undefined ? [] : [given].flat().flatMap((value) => value.split(/,\s*/));
}

/** All that is asked of somebody without a name, as Go prints it; undefined when that is nothing. */
function nameless(headers: IncomingHttpHeaders, groups: string[]): string | undefined {
  const prefix = "impersonate-extra-";
  const extras = Object.keys(headers).filter((header) => header.startsWith(prefix));
  const [uid = ""] = [headers["impersonate-uid"] ?? ""].flat();
  if (groups.length === 0 && extras.length === 0 && uid === "") return undefined;
  const list = (values: string[]) => `{${values.map((value) => JSON.stringify(value)).join(", ")}}`;
  const extra = extras.sort().map((header) => {
    const key = JSON.stringify(header.slice(prefix.length));
    return `${key}:[]string${list(valuesOf(headers, header))}`;
  });
  const shown = {
    Name: '""',
    UID: JSON.stringify(uid),
    Groups: `[]string${groups.length > 0 ? list(groups) : "(nil)"}`,
    Extra: `map[string][]string${extra.length > 0 ? `{${extra.join(", ")}}` : "(nil)"}`,
  };
  const fields = Object.entries(shown).map(([field, value]) => `${field}:${value}`);
  return `&user.DefaultInfo{${fields.join(", ")}}`;
}

function check(resources: Resources, user: User, resource: string, name: string): void {
  const what = { group: "", resource, namespace: "", name, subresource: "" };
  const attributes = { verb: "impersonate", path: "", resource: what };
  if (isAllowed(resources, user, attributes)) return;
  throw refusal(user, attributes);
}
