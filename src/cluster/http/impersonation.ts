import type { Impersonation } from "../kubeconfig/connection.js";

/** The headers that ask to act as somebody else (Kubernetes docs, "User impersonation"). */
export function impersonationHeaders(
  impersonate: Impersonation | undefined,
): Record<string, string | string[]> {
  if (!impersonate) return {};
  const { user, uid, groups, extra } = impersonate;
  return {
    "impersonate-user": user,
    ...(uid && { "impersonate-uid": uid }),
    ...(groups.length > 0 && { "impersonate-group": groups }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeHeaderName(key)}`, values]),
    ),
  };
}

/** Percent-encodes what may not stand in a header's name, and `%` itself (client-go, `transport.headerKeyEscape`). */
function encodeHeaderName(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9!#$&'*+\-.^_`|~]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}
