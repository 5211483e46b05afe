import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { missingAssets } from "../support/control-plane/index.js";
import { eventually } from "../support/eventually.js";
import { onBoth, openSides } from "./support/side.js";
import { make, printed, remove } from "./tables/rig.js";

// Each is two processes.
vi.setConfig({ maxConcurrency: 4 });
const pair = inject("pair");
const own = "-l live!=yes";

/** What people type after `kubectl`; `$NS` is the test's namespace. */
const commands = [
  `get pods ${own}`,
  `get pods ${own} -o wide`,
  `get pods ${own} --show-labels`,
  `get pods ${own} -L app,live`,
  `get pods ${own} --no-headers`,
  `get pods ${own} --sort-by=.metadata.name`,
  `get pods ${own} --sort-by=.status.containerStatuses[0].restartCount`,
  `get pods ${own} --field-selector=status.phase=Failed`,
  "get pods -l none=there",
  "get pods none",
  "get pod web-0 web-1 none",
  "get pod/web-0 sts/web cm/filled",
  "get pods,sts -l app=web",
  "get sts,cm,svc -l app=web",
  "get sts",
  "get sts -o wide",
  "get sts -o name",
  "get sts --show-kind",
  "get sts -A --field-selector=metadata.namespace=$NS",
  "get pods -A --field-selector=metadata.namespace=$NS,metadata.name=web-0",
  "get pods,cm -A --field-selector=metadata.namespace=$NS -l app=web",
  `get all ${own}`,
  "get pvc",
  "get pvc -o wide",
  "get pv -l of=$NS -o wide",
  "get sc -l of=$NS",
  "get svc -o wide",
  "get endpointslices -l hand",
  "get endpoints -l hand",
  "get events -l hand",
  "get events -l hand -o wide",
  "get events -l hand --sort-by=.metadata.name",
  "events --for pod/runs --types=Warning",
  "get controllerrevisions --sort-by=.revision",
  "get pdb,hpa,lease,cm,secret,sa",
  "get role,rolebinding -o wide",
  "get clusterrolebinding -l of=$NS -o wide",
  "get nodes",
  "get nodes -o wide",
  "get ns $NS",
  "get pods -l app=web --chunk-size=1",
  "get pods web-0 -o custom-columns=NAME:.metadata.name,PHASE:.status.phase",
  "get pods -l app=web -o custom-columns=NAME:.metadata.name --no-headers",
  "get pods -l app=web -o jsonpath={.items[*].metadata.name}",
  "get pods -l app=web -o go-template={{.kind}}",
  "get cm filled -o yaml --show-managed-fields=false",
  "get cm filled -o json",
  "get pods -l app=web --server-print=false",
  "get sts,pvc,svc --server-print=false -l app=web",
  "get cm --watch --request-timeout=6s",
  "get cm filled --watch-only --request-timeout=6s",
  "get cm --watch --output-watch-events --request-timeout=6s -o wide",
  "get cm --watch --no-headers --request-timeout=6s -o name",
  "get pods -l app=web --watch --request-timeout=6s -L app",
  "get nothing",
  "get pods --field-selector=spec.nothing=1",
  "get pods -l a=b=c",
  "get pods -o nothing",
  "get cm filled --sort-by=.nothing",
];

describe.skipIf(!pair)(`kubectl get on both clusters (${pair ? "found" : missingAssets})`, () => {
  if (!pair) return;
  const sides = openSides(pair);
  const namespace = `printed-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    const metadata = { name: namespace };
    await onBoth(sides, async (side) => {
      await side.port.create("namespaces", { metadata });
      await make(side, namespace);
      const ready = async (): Promise<true | undefined> => {
        const { stdout } = await side.kubectl(namespace, [
          "get",
          "sts,pvc,pv,pdb",
          `--selector=of in (${namespace})`,
          "--no-headers",
        ]);
        const claims = await side.port.list("persistentvolumeclaims", namespace);
        const states = claims.map(({ metadata: { name }, status }) => `${name} ${status.phase}`);
        const sets = await side.port.list("statefulsets", namespace);
        const set = sets.find((one) => one.metadata.name === "web");
        const budgets = await side.port.list("poddisruptionbudgets", namespace);
        const allowed = budgets.find((one) => one.metadata.name === "allows")?.status?.disruptionsAllowed;
        const found = ["bound Bound", "lost Lost", "released Bound"].every((state) => states.includes(state));
        const volumes = stdout.match(/Available/g)?.length === 2;
        return (found && volumes && set?.status?.readyReplicas === 2 && allowed === 1) || undefined;
      };
      await eventually(`everything on ${side.name} at rest`, ready, { timeout: 60_000, interval: 250 });
    });
  });
  afterAll(async () => {
    await onBoth(sides, (side) => remove(side, namespace));
    for (const side of sides) side.close();
  });

  it.concurrent.each(commands)("kubectl %s", async (command) => {
    const args = command.replaceAll("$NS", namespace).split(" ");
    const [ours, real] = await onBoth(sides, async (side) => {
      const { code, stdout, stderr } = await side.kubectl(namespace, args);
      return { code, stdout: printed(stdout), stderr: printed(stderr) };
    });
    expect(ours).toEqual(real);
  });
});
