import { readFileSync } from "node:fs";
import os from "node:os";
import { openCluster, resolveConnection } from "../cluster/index.js";
import type { Cluster, ConnectionFlags } from "../cluster/index.js";
import type { Context } from "../context.js";
import { version } from "../version.js";

/** Resolves the connection from flags and kubeconfig and opens the gateway on it. Nothing is sent yet. */
export function connect(flags: ConnectionFlags, { env, clock, random, err, stdin }: Context): Cluster {
  const readFile = (file: string) => readFileSync(file);
  const connection = resolveConnection(flags, {
    env,
    home: env["HOME"] ?? os.homedir(),
    cwd: process.cwd(),
    readFile,
  });
  return openCluster(connection, {
    now: () => clock.now(),
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    after: (milliseconds, expire) => clock.after(milliseconds, expire),
    random,
    readFile,
    env,
    userAgent: `sts/${version} (${process.platform}/${process.arch})`,
    interactive: stdin.isTerminal,
    onWarning: (message) => err.write(`Warning: ${message}\n`),
    ...((flags.verbosity ?? 0) >= 6 && { trace: (line: string) => err.write(`${line}\n`) }),
  });
}
