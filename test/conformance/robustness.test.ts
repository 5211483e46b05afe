import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { requests } from "./robustness/requests.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");
const namespace = "robust";

/** What a client sees of an answer that matters: its code, its kind, and what a refusal says. */
function shown({ code, headers, body, text }: Awaited<ReturnType<Side["request"]>>): unknown {
  const refused = body?.kind === "Status" && body.status === "Failure";
  const { reason, message, details } = refused
    ? body
    : { reason: undefined, message: undefined, details: {} };
  return {
    code,
    type: headers["content-type"],
    ...(refused ? { reason, message: steady(message), details } : code >= 400 && { text }),
  };
}

function steady(message: unknown): string {
  return String(message).replace(/current: \d+/, "current: N");
}

describe.skipIf(!pair)(`what no client should send (${pair ? "both clusters" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);

  beforeAll(() => onBoth(sides, (side) => side.port.create("namespaces", { metadata: { name: namespace } })));
  afterAll(async () => {
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  it.each(requests(namespace))("%s", async (_title, request, differs) => {
    const [ours, real] = await onBoth(sides, (side) => side.request(request));
    if (!differs) return expect(shown(ours)).toEqual(shown(real));
    expect(ours.code, differs).toBeGreaterThanOrEqual(400);
    return expect(shown(ours), `no longer so: ${differs}`).not.toEqual(shown(real));
  });
});
