import type { Answer } from "../answer.js";

const protobuf = ["v2@v1.0", "v2.v1.0"].map(
  (version) => `application/com.github.proto-openapi.spec.${version}+protobuf`,
);

/**
 * `/openapi/v2`, without anything in it. kubectl looks there for a kind that version 3 does not have, and needs a document
 * to learn that this one has not either; everything that there is, is in version 3.
 */
export function versionTwo(accept: string, kubernetesVersion: string): Answer {
  const info = { title: "Kubernetes", version: kubernetesVersion };
  const types = accept.split(",").map((part) => part.split(";", 1)[0]?.trim() ?? "");
  const vary = { Vary: "Accept-Encoding, Accept" };
  if (types.some((type) => protobuf.includes(type))) {
    const body = text(1, "2.0") + text(2, text(1, info.title) + text(2, info.version)) + text(8, "");
    return { code: 200, body, headers: { ...vary, "Content-Type": protobuf[1] ?? "" } };
  }
  if (!types.some((type) => ["", "*/*", "application/*", "application/json"].includes(type)))
    return { code: 406, body: "", headers: vary };
  return { code: 200, body: { swagger: "2.0", info, paths: {} }, headers: vary };
}

/** A field of a protobuf message that is text, or a message, of less than 128 letters. */
function text(field: number, value: string): string {
  return String.fromCharCode(field * 8 + 2, value.length) + value;
}
