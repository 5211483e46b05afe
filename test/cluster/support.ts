import { readFileSync } from "node:fs";
import { afterEach } from "vitest";
import { type Connection, type Gateway, type GatewayDeps, openCluster } from "../../src/cluster/index.js";
import { FakeApiServer } from "../support/fake-api-server.js";
import { FakeClock } from "../support/fake-clock.js";

export interface Rig {
  server: FakeApiServer;
  clock: FakeClock;
  cluster: Gateway;
  warnings: string[];
  traces: string[];
}

const rigs: Rig[] = [];

/** A gateway on a loopback server. What a test prepared and the gateway never asked for fails the test. */
export async function rig(
  connection: Partial<Connection> = {},
  deps: Partial<GatewayDeps> = {},
): Promise<Rig> {
  const server = await FakeApiServer.start();
  const made = rigOn(server, connection, deps);
  rigs.push(made);
  return made;
}

export function rigOn(
  server: FakeApiServer,
  connection: Partial<Connection> = {},
  deps: Partial<GatewayDeps> = {},
): Rig {
  const clock = new FakeClock();
  const [warnings, traces]: [string[], string[]] = [[], []];
  const cluster = openCluster(connectionTo(server.url, connection), {
    now: clock.now,
    sleep: clock.sleep,
    after: clock.after,
    random: () => 0.5,
    readFile: readFileSync,
    env: {},
    userAgent: "sts/test",
    onWarning: (message) => warnings.push(message),
    trace: (line) => traces.push(line),
    ...deps,
  });
  return { server, clock, cluster, warnings, traces };
}

export function connectionTo(server: string, more: Partial<Connection> = {}): Connection {
  return {
    server,
    namespace: "default",
    insecureSkipTlsVerify: false,
    credentials: {},
    requestTimeout: 0,
    disableCompression: false,
    ...more,
  };
}

afterEach(async () => {
  const used = rigs.splice(0);
  for (const { cluster, server } of used) {
    cluster.close();
    await server.close();
  }
  const unused = used.flatMap(({ server }) => server.unused());
  if (unused.length > 0) throw new Error(`never asked for: ${unused.join(", ")}`);
});
