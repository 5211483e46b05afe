import type { WriteStream } from "node:tty";
import type { Sink } from "../context.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** A process stream as a sink. `onClosed` is called once when whoever read it went away. */
export function createSink(stream: NodeJS.WriteStream, env: Environment, onClosed: () => void): Sink {
  let isOpen = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") throw error;
    isOpen = false;
    onClosed();
  });
  const isTerminal = stream.isTTY === true && env["TERM"] !== "dumb";
  return {
    isTerminal,
    colours: wantsColours(stream, isTerminal, env),
    ascii: env["TERM"] === "dumb" || (stream.isTTY === true && !hasUtf8(env)),
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    write(text) {
      if (isOpen) stream.write(text);
    },
    onResize(callback) {
      stream.on("resize", callback);
      return () => stream.off("resize", callback);
    },
  };
}

/** POSIX' order of the variables; where none is set, most terminals show UTF-8 all the same. */
function hasUtf8(env: Environment): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "UTF-8";
  return /utf-?8/i.test(locale);
}

/** NO_COLOR (no-color.org) and FORCE_COLOR go before the terminal. */
function wantsColours(stream: NodeJS.WriteStream, isTerminal: boolean, env: Environment): boolean {
  const force = env["FORCE_COLOR"];
  if (force !== undefined && force !== "") return force !== "0" && force !== "false";
  if (env["NO_COLOR"]) return false;
  return isTerminal && (stream as WriteStream).hasColors(16);
}

/** The same sink with `--color=always|never` in force. */
export function withColours(sink: Sink, colours: boolean): Sink {
  return {
    write: (text) => sink.write(text),
    onResize: (callback) => sink.onResize(callback),
    isTerminal: sink.isTerminal,
    colours,
    ascii: sink.ascii ?? false,
    get columns() {
      return sink.columns;
    },
    get rows() {
      return sink.rows;
    },
  };
}
