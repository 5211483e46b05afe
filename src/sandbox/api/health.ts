import type { Answer } from "./answer.js";

const checks = ["ping", "log", "etcd"];

/**
 * `/healthz`, `/livez` and `/readyz`, each check by itself below them (`/livez/ping`), and all of them by name with
 * `?verbose`. The sandbox is well whenever it answers. Undefined for other paths.
 */
export function healthAnswer(path: string, query: URLSearchParams): Answer | undefined {
  const [, page = "", check, ...more] = path.split("/");
  if (!["healthz", "livez", "readyz"].includes(page) || more.length > 0) return undefined;
  if (check !== undefined) return checks.includes(check) ? { code: 200, body: "ok" } : undefined;
  if (!query.has("verbose")) return { code: 200, body: "ok" };
  const left = query.getAll("exclude");
  const lines = checks.map((name) => `[+]${name}${left.includes(name) ? " excluded:" : ""} ok`);
  return { code: 200, body: [...lines, `${page} check passed`, ""].join("\n") };
}
