import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lines } from "../../../src/cluster/watch/lines.js";

async function read(chunks: Uint8Array[]): Promise<string[]> {
  const found: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  for await (const line of lines(source())) found.push(line);
  return found;
}

test("characters of several bytes survive being split anywhere", async () => {
  const text = '{"a":"größe ✓ 日本 🐘"}\n{"b":1}\n';
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(text.trim().split("\n"));
  }
});

test("whatever the chunks, the lines are the same", async () => {
  const anyLines = fc.array(
    fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((line) => line.trim() !== "" && !line.includes("\n")),
  );
  await fc.assert(
    fc.asyncProperty(anyLines, fc.integer({ min: 1, max: 9 }), async (wanted, size) => {
      const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(""));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(await read(chunks)).toEqual(wanted);
    }),
  );
});

test("empty lines are skipped, and a line that was cut off is dropped", async () => {
  expect(await read([Buffer.from('\n\r\n{"a":1}\n{"trunc')])).toEqual(['{"a":1}']);
});
