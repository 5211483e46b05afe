import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { createSink, withColours } from "../../src/host/sink.js";

function stream(parts: object = {}): NodeJS.WriteStream {
  return Object.assign(new PassThrough(), parts) as unknown as NodeJS.WriteStream;
}
const terminal = { isTTY: true, columns: 120, rows: 50, hasColors: () => true };

describe("createSink", () => {
  it.each([
    [terminal, {}, true],
    [terminal, { NO_COLOR: "1" }, false],
    [terminal, { TERM: "dumb" }, false],
    [{}, {}, false],
    [{}, { FORCE_COLOR: "1" }, true],
    [terminal, { FORCE_COLOR: "0" }, false],
    [{}, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
  ])("colours on %o with %o: %s", (parts, env, colours) => {
    expect(createSink(stream(parts), env, () => undefined).colours).toBe(colours);
  });

  it.each([
    [terminal, {}, false],
    [terminal, { LANG: "de_DE.UTF-8" }, false],
    [terminal, { LANG: "C" }, true],
    [terminal, { LANG: "C", LC_ALL: "C.utf8" }, false],
    [terminal, { TERM: "dumb" }, true],
    [{}, { TERM: "dumb" }, true],
    // A log is read elsewhere.
    [{}, { LANG: "C" }, false],
  ])("is for ASCII on %o with %o: %s", (parts, env, ascii) => {
    const sink = createSink(stream(parts), env, () => undefined);
    expect(sink.ascii).toBe(ascii);
    expect(withColours(sink, true).ascii).toBe(ascii);
  });

  it("takes 80 × 24 where there is no terminal, and the terminal's size where there is", () => {
    expect(createSink(stream(), {}, () => undefined)).toMatchObject({
      isTerminal: false,
      columns: 80,
      rows: 24,
    });
    expect(createSink(stream(terminal), {}, () => undefined)).toMatchObject({
      isTerminal: true,
      columns: 120,
      rows: 50,
    });
  });

  it("follows a resize, through --color too", () => {
    const output = stream(terminal);
    const sink = withColours(
      createSink(output, {}, () => undefined),
      false,
    );
    const resized = vi.fn();
    const stop = sink.onResize(resized);
    output.columns = 60;
    output.emit("resize");
    stop();
    output.emit("resize");
    expect(resized).toHaveBeenCalledTimes(1);
    expect(sink).toMatchObject({ columns: 60, colours: false });
  });

  it("goes quiet when the reader has gone, and says so once", () => {
    const output = stream();
    const onClosed = vi.fn();
    const sink = createSink(output, {}, onClosed);
    output.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    sink.write("into the void");
    expect(onClosed).toHaveBeenCalledTimes(1);
    expect(output.read()).toBeNull();
  });
});
