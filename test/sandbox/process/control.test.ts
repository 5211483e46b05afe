import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { createCertificate } from "../../../src/sandbox/api/certificate.js";
import { kubeconfigOf } from "../../../src/sandbox/kubeconfig.js";
import { locateLog } from "../../../src/sandbox/process/control.js";

it("the log of a sandbox is not looked for beside a copy of its kubeconfig", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sts-control-"));
  const kubeconfig = path.join(folder, "config");
  const { cert: caPem } = createCertificate(Date.now());
  const [server, control] = ["https://127.0.0.1:1", "https://127.0.0.1:2"];
  await writeFile(kubeconfig, kubeconfigOf({ name: "sts-sandbox", server, control, caPem, token: "t" }));
  const env = { KUBECONFIG: kubeconfig, HOME: folder, XDG_STATE_HOME: path.join(folder, "state") };
  await expect(locateLog({ env })).rejects.toThrow(/^KUBECONFIG is a copy, .*sts sandbox logs --name=NAME$/);
  const requests = path.join(folder, "requests");
  await writeFile(requests, "");
  expect(await locateLog({ env })).toMatchObject({ title: "the sandbox of KUBECONFIG", file: requests });
  await rm(folder, { recursive: true });
});
