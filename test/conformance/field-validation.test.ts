import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { eventually } from "../support/eventually.js";
import { cases } from "./field-validation-cases.js";
import { map, maps, namespace, service, services, set, sets, type Case } from "./field-validation-given.js";
import { onBoth, openSides, type Side } from "./support/side.js";

const pair = inject("pair");
const text = JSON.stringify;

/** What no two clusters have the same: identities and times, in JSON and in Go's notation. */
function steady(answer: string): string {
  return answer
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replaceAll(/(resourceVersion\\*":\\*")\d+/g, "$1RV")
    .replaceAll(/((?:clusterIP|clusterIPs)\\*":\[?\\*")[\d.]+/g, "$1IP");
}

async function ask(side: Side, one: Case): Promise<object> {
  const { method = "POST", path, type = "application/json", body } = one;
  const answer = await side.request({
    method,
    path,
    body: typeof body === "string" ? body : text(body),
    headers: { "Content-Type": type },
  });
  const { code, body: found } = answer;
  const warnings = [answer.headers["warning"] ?? ""].join("\n");
  const refused =
    code >= 400
      ? { reason: found?.reason, message: steady(String(found?.message)), details: found?.details }
      : {};
  return JSON.parse(steady(text({ code, warnings, ...refused }))) as object;
}

async function prepare(side: Side): Promise<void> {
  await side.port.create("namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  for (const [path, body] of [
    [maps, map],
    [services, service],
    [sets, set],
  ] as const)
    expect((await side.request({ method: "POST", path: `${path}?fieldManager=given`, body })).code).toBe(201);
  await eventually("a status of the set", async () => {
    const { body } = await side.request({ path: `${sets}/web` });
    return body.status.currentRevision as string | undefined;
  });
}

describe.skipIf(!pair)(`field validation (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  beforeAll(async () => void (await onBoth(sides, prepare)));
  afterAll(async () => {
    await onBoth(sides, (side) => side.port.delete("namespaces", { name: namespace }));
    sides.forEach((side) => side.close());
  });

  it.each(cases)("$name", async (one) => {
    const [ours, real] = await onBoth(sides, (side) => ask(side, one));
    expect(ours).toEqual(real);
  });
});
