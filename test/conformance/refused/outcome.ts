import type { Side } from "../support/side.js";

export type Answered = Awaited<ReturnType<Side["request"]>>;

export interface Outcome {
  code: number;
  reason?: string;
  message?: string;
  details?: unknown;
  /** What is stored, where the request was accepted. */
  object?: unknown;
}

/** What should be the same: of a refusal everything, of an object what neither chance nor the clock decides. */
export function shown({ code, body, text }: Answered, changing = false): Outcome {
  if (body?.kind === "Status" && body.status === "Failure") {
    const { reason, message, details } = body;
    return { code, reason, message: steady(String(message)), details: once(steadyDetails(details)) };
  }
  if (!body?.metadata || body.kind === "Status") return { code, object: steadyDetails(body) ?? text };
  const {
    uid: _uid,
    creationTimestamp: _at,
    resourceVersion: _rv,
    managedFields: _mf,
    ...metadata
  } = body.metadata;
  const { status, ...rest } = body;
  // Of an object that exists the controllers of both clusters say what they see, each when it comes to it.
  return { code, object: { ...rest, metadata, ...(!changing && { status: steadyStatus(status) }) } };
}

function steady(text: string): string {
  return (
    text
      .replace(/(?<=Invalid value: )"\{(?:[^"\\]|\\.)*"/g, steadyObject)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^"\\\s]*/g, "TIME")
      .replace(/in record \(\d+\)/, "in record (N)")
      // The real one of the tests is started with a shorter prefix.
      .replace("Key: /registry/", "Key: /")
      // So it is with the addresses that services have.
      .replace(/(range of valid IPs is 10\.0\.0\.0)\/\d+/, "$1")
  );
}

/** An object that a message quotes in full, without what the controllers of either cluster may have written in between. */
function steadyObject(quoted: string): string {
  const object: unknown = JSON.parse(JSON.parse(quoted) as string);
  const left = (key: string, value: unknown) =>
    ["resourceVersion", "managedFields", "status"].includes(key) ? undefined : value;
  return JSON.stringify(JSON.stringify(object, left));
}

function steadyDetails<T>(details: T): T {
  const text = (_key: string, value: unknown) => (typeof value === "string" ? steady(value) : value);
  return details && (JSON.parse(JSON.stringify(details), text) as T);
}

/** 1.36 checks some things twice and lists them twice, but says them once in the message. */
function once(details: Record<string, unknown> | undefined): unknown {
  const causes = details?.["causes"];
  if (!Array.isArray(causes)) return details;
  const texts = new Set(causes.map((cause) => JSON.stringify(cause)));
  return { ...details, causes: Array.from(texts, (text) => JSON.parse(text) as unknown) };
}

function steadyStatus(status: Record<string, unknown> | undefined): unknown {
  if (!status) return status;
  const { lastPhaseTransitionTime: _time, ...rest } = status;
  return rest;
}
