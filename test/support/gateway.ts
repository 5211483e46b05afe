import { readFileSync } from "node:fs";
import { type Gateway, openCluster, resolveConnection } from "../../src/cluster/index.js";
import { systemClock } from "../../src/host/clock.js";

/** Opens the cluster of a kubeconfig for a test, as a command does. Close it afterwards. */
export function openKubeconfig(kubeconfig: string): Gateway {
  const readFile = (file: string) => readFileSync(file);
  const io = { env: {}, home: "/nowhere", cwd: process.cwd(), readFile };
  return openCluster(resolveConnection({ kubeconfig }, io), {
    now: () => systemClock.now(),
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds, signal),
    after: (milliseconds, expire) => systemClock.after(milliseconds, expire),
    random: Math.random,
    readFile,
    env: {},
    userAgent: "sts-tests",
  });
}
