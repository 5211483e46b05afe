import { isIP } from "node:net";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a server, by the rules of Go's `http.ProxyFromEnvironment`: HTTPS_PROXY or
 * HTTP_PROXY by the server's scheme (lower case too), none for loopback and for hosts that NO_PROXY lists.
 */
export function proxyFromEnvironment(server: string, env: Env): string | undefined {
  const url = new URL(server);
  const value = (name: string) => env[name] || env[name.toLowerCase()];
  const proxy = value(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (!proxy || isLoopback(host(url)) || isExempt(url, value("NO_PROXY") ?? "")) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

const host = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "").toLowerCase();

const isLoopback = (name: string): boolean =>
  name === "localhost" || name === "::1" || /^127\.\d+\.\d+\.\d+$/.test(name);

/** NO_PROXY: `*`, host names (with their subdomains), `.domain` (subdomains only), addresses and CIDR ranges. */
function isExempt(url: URL, list: string): boolean {
  const name = host(url);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      if (entry.includes("/")) return inRange(name, entry);
      const [, wanted = "", wantedPort] =
        /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
      if (wantedPort && wantedPort !== port) return false;
      const domain = wanted.replace(/^\*?\./, "");
      if (name.endsWith(`.${domain}`) && !isIP(name)) return true;
      return name === domain && domain === wanted;
    });
}

function inRange(address: string, range: string): boolean {
  const [base = "", bits = ""] = range.split("/");
  const [from, given] = [bytes(base), bytes(address)];
  if (!from || !given || from.length !== given.length) return false;
  const length = Number(bits);
  const prefix = (value: string) => value.slice(0, length);
  return length <= from.length && prefix(from) === prefix(given);
}

/** The bits of an IP address as text. */
function bytes(address: string): string | undefined {
  if (isIP(address) === 4)
    return address
      .split(".")
      .map((part) => bits(Number(part), 8))
      .join("");
  if (isIP(address) !== 6) return undefined;
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text ? text.split(":") : []);
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((group) => bits(parseInt(group, 16), 16)).join("");
}

const bits = (value: number, width: number): string => value.toString(2).padStart(width, "0");
