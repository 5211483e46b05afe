import { spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { program } from "./process.js";

/** The codes of the synchronized output mode, DEC private mode 2026. */
const [frameBegin, frameEnd] = ["\u001b[?2026h", "\u001b[?2026l"];

export interface TerminalOptions {
  env: Record<string, string>;
  cwd: string;
  /** 80 × 24 when left out. */
  columns?: number;
  rows?: number;
}

/** `sts` in a real terminal, and what a person sees of it. */
export interface Terminal {
  /** The lines of the window, without spaces at their ends. */
  screen(): string[];
  /** Everything that was written so far, with its escape codes. */
  readonly raw: string;
  /** Waits until the window is as wanted; fails after `timeout` milliseconds (20 s) and shows it. */
  until(what: string, met: (screen: string[]) => boolean, timeout?: number): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Keys as the terminal sends them: `y\r`, `\x03` for Ctrl-C. */
  type(keys: string): void;
  /** The exit code. */
  readonly ended: Promise<number>;
  kill(): void;
}

export function openTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  const { env, cwd, columns: cols = 80, rows = 24 } = options;
  const window = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 1_000 });
  const path = process.env["PATH"] ?? "";
  const [command, ...script] = program;
  const pty = spawn(command, [...script, ...args], {
    cols,
    rows,
    cwd,
    env: { PATH: path, TERM: "xterm-256color", ...env },
  });
  const watchers = new Set<() => void>();
  let raw = "";
  // What a person sees: nobody looks at half a frame, though a chunk of output may end in the middle of one.
  let seen: string[] = [];
  const see = () => {
    const { baseY } = window.buffer.active;
    seen = Array.from({ length: window.rows }, (_, row) => lineAt(window, baseY + row));
  };
  see();
  pty.onData((text) => {
    raw += text;
    const inFrame = raw.lastIndexOf(frameBegin) > raw.lastIndexOf(frameEnd);
    window.write(text, () => {
      if (inFrame) return;
      see();
      for (const look of watchers) look();
    });
  });
  const ended = new Promise<number>((resolve) => {
    // What was written last is parsed first.
    pty.onExit(({ exitCode }) =>
      window.write("", () => {
        see();
        resolve(exitCode);
      }),
    );
  });

  return {
    screen: () => seen,
    get raw() {
      return raw;
    },
    until: (what, met, timeout = 20_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!met(seen)) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve();
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`not within ${timeout} ms: ${what}\n${seen.join("\n")}`));
        }, timeout);
        watchers.add(look);
        look();
      }),
    resize(columns, height) {
      window.resize(columns, height);
      see();
      pty.resize(columns, height);
    },
    type: (keys) => pty.write(keys),
    ended,
    kill: () => pty.kill("SIGKILL"),
  };
}

function lineAt(window: xterm.Terminal, index: number): string {
  return window.buffer.active.getLine(index)?.translateToString(true) ?? "";
}

/** Waits for the question that a command asks, by a part of it. */
export async function question({ until }: Terminal, part = "[y/N]"): Promise<void> {
  await until("the question", (screen) => screen.some((line) => line.includes(part)));
}

/** Runs `sts` in a terminal in a scenario, and kills it at the end however that goes. */
export async function inTerminal<T>(
  { env, directory }: { env: Record<string, string>; directory: string },
  args: readonly string[],
  use: (terminal: Terminal) => Promise<T>,
  options: Partial<TerminalOptions> = {},
): Promise<T> {
  const terminal = openTerminal(args, { cwd: directory, ...options, env: { ...env, ...options.env } });
  try {
    return await use(terminal);
  } finally {
    terminal.kill();
  }
}
