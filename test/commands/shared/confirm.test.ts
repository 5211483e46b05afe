import { describe, expect, it } from "vitest";
import { confirm } from "../../../src/commands/shared/confirm.js";
import { RefusedError } from "../../../src/errors.js";
import { testContext } from "../../support/test-context.js";

const question = { text: "Delete it?", yes: false, otherwise: "nothing was deleted" };

function asked(readLine: () => Promise<string | undefined>, signal = new AbortController().signal) {
  const stdin = { isTerminal: true, readAll: async () => Buffer.alloc(0), readLine };
  return testContext({ stdin, signal });
}

describe("confirm", () => {
  it("takes a yes, and nothing else", async () => {
    await confirm(
      asked(async () => "Y"),
      question,
    );
    for (const answer of ["", "n", "yeah"]) {
      const context = asked(async () => answer);
      await expect(confirm(context, question)).rejects.toThrow(RefusedError);
      expect(context.err.text).toBe("Delete it? [y/N] ");
    }
  });

  it("ends the line where there is no answer", async () => {
    const context = asked(async () => undefined);
    await expect(confirm(context, question)).rejects.toThrow("nothing was deleted");
    expect(context.err.text).toBe("Delete it? [y/N] \n");
  });

  it("says at an interruption what was not done, on a line of its own", async () => {
    const interrupt = new AbortController();
    const context = asked(() => new Promise(() => undefined), interrupt.signal);
    const ended = confirm(context, question);
    interrupt.abort(new Error("interrupted"));
    await expect(ended).rejects.toThrow("interrupted");
    expect(context.err.text).toBe("Delete it? [y/N] \nnothing was deleted\n");
  });
});
