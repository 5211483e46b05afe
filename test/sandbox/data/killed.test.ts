import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { build } from "esbuild";
import { describe, expect } from "vitest";
import { DataFolder } from "../../../src/sandbox/data/folder.js";
import { Store } from "../../../src/sandbox/store/store.js";
import { it } from "./support.js";

const root = path.resolve(import.meta.dirname, "../../..");

// Says after each write, and so after its answer would have been sent, what a client knows.
const program = `
import { writeSync } from "node:fs";
import { openStore, named } from "./test/sandbox/data/store.js";
const { store } = await openStore(process.argv[2], { slackBytes: 20_000, syncMilliseconds: 1 });
for (let round = 0; ; round += 1) {
  const name = String(round % 50);
  const object = named(name, { data: { round: String(round), filler: "x".repeat(round % 700) } });
  const gone = round % 5 === 4 && store.get("configmaps", name);
  const { metadata } = gone ? store.remove("configmaps", name, object) : store.put("configmaps", name, object);
  writeSync(1, JSON.stringify({ name, revision: Number(metadata.resourceVersion), gone: Boolean(gone) }) + "\\n");
  if (round % 10 === 0) await new Promise(setImmediate);
}`;

async function buildWriter(dir: string): Promise<string> {
  const outfile = path.join(dir, "writer.mjs");
  await build({
    stdin: { contents: program, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return outfile;
}

interface Acknowledged {
  name: string;
  revision: number;
  gone: boolean;
}

/** Lets the writer write, kills it after so many answers and some bytes, and returns the answers. */
async function writeUntilKilled(writer: string, dir: string, answers: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [writer, dir], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    if (text.split("\n").length > answers) child.kill("SIGKILL");
  });
  await once(child, "close");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Acknowledged);
}

describe("a sandbox that is killed", () => {
  it("has everything that it has answered, each time, and gives no number twice", async ({ dir }) => {
    const writer = await buildWriter(dir);
    const data = path.join(dir, "data");
    let last = 0;
    for (let round = 0; round < 8; round += 1) {
      const answered = await writeUntilKilled(writer, data, 40 + round * 150);
      expect(answered.length).toBeGreaterThan(0);
      expect(answered[0]?.revision).toBeGreaterThan(last);
      last = answered.at(-1)?.revision ?? 0;
      const again = await DataFolder.open(data);
      const store = new Store({ from: again.found });
      const newest = new Map(answered.map((answer) => [answer.name, answer]));
      // The last write may have been done without the time to say so.
      const next = String(answered.length % 50);
      for (const { name, revision, gone } of newest.values()) {
        const found = store.get("configmaps", name);
        if (name === next) continue;
        expect(found?.metadata.resourceVersion, `${name} after kill ${round}`).toBe(
          gone ? undefined : String(revision),
        );
      }
      await again.close();
    }
  });
});
