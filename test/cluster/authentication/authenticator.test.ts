import { expect, test } from "vitest";
import { kinds } from "../../../src/core/kinds.js";
import { json, status } from "../../support/fake-api-server.js";
import { type Rig, rig } from "../support.js";

const POD = "GET /api/v1/namespaces/default/pods/p";
const read = ({ cluster }: Rig) => cluster.get(kinds.pod, { name: "p" });
const sent = ({ server }: Rig) => server.received.map(({ headers }) => headers.authorization);

/** A token file whose content a test changes; undefined is no file. */
function tokenFile(): { content: string | undefined; reads: number; readFile(): Buffer } {
  return {
    content: "one\n",
    reads: 0,
    readFile() {
      this.reads += 1;
      if (this.content === undefined) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
      return Buffer.from(this.content);
    },
  };
}

test("a token file is read again every ten seconds", async () => {
  const file = tokenFile();
  const made = await rig({ credentials: { tokenFile: "/t" } }, { readFile: () => file.readFile() });
  made.server.on(POD, json({}), json({}), json({}));
  await read(made);
  file.content = "two\n";
  made.clock.advance(9999);
  await read(made);
  made.clock.advance(1);
  await read(made);
  expect(sent(made)).toEqual(["Bearer one", "Bearer one", "Bearer two"]);
  expect(file.reads).toBe(2);
});

test("a refused token that has not changed is not sent again", async () => {
  const file = tokenFile();
  const made = await rig({ credentials: { tokenFile: "/t" } }, { readFile: () => file.readFile() });
  made.server.on(POD, status(401, "Unauthorized", "Unauthorized"));
  await expect(read(made)).rejects.toMatchObject({ code: 401 });
  expect(made.cluster.requests).toBe(1);
});

test("a token file goes before a token, which stands in while the file cannot be read", async () => {
  const file = tokenFile();
  const made = await rig(
    { credentials: { tokenFile: "/t", token: "fixed" } },
    { readFile: () => file.readFile() },
  );
  made.server.on(POD, json({}), json({}));
  await read(made);
  file.content = undefined;
  made.clock.advance(10_000);
  await read(made);
  expect(sent(made)).toEqual(["Bearer one", "Bearer fixed"]);
});

test("a token file that cannot be read is told before anything is sent", async () => {
  const file = tokenFile();
  file.content = undefined;
  const made = await rig({ credentials: { tokenFile: "/t" } }, { readFile: () => file.readFile() });
  await expect(read(made)).rejects.toThrow('failed to read token file "/t": ENOENT');
  expect(made.cluster.requests).toBe(0);
});
