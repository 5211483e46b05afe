import path from "node:path";

/** How this process was called, and how it is started again. */
export interface Invocation {
  /** `sts`, or `kubectl sts` where the program's name makes it kubectl's plugin. */
  program: string;
  entry: { command: string; args: readonly string[] };
}

/** Where Bun says that the script of a self-contained executable is: inside of it (`bun build --compile`). */
const inside = /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/;

/** A script that Node runs, or a self-contained executable. */
export function invocationOf({ argv, argv0, execPath }: NodeJS.Process): Invocation {
  const [, script] = argv;
  const isExecutable = script !== undefined && inside.test(script);
  const name = path.basename(isExecutable ? argv0 : (script ?? ""));
  return {
    program: name.startsWith("kubectl-") ? "kubectl sts" : "sts",
    entry: { command: execPath, args: isExecutable || script === undefined ? [] : [script] },
  };
}
