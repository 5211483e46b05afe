import { randomBytes, X509Certificate } from "node:crypto";
import { createCertificate, type Certificate } from "../api/certificate.js";
import { DataFolder, dataFormat, type Header } from "./folder.js";
import type { JournalOptions } from "./journal.js";

export interface IdentityOptions {
  /** The folder that keeps the sandbox; nothing is kept without one. */
  data?: string | undefined;
  /** What that folder has, else the newest, when left out. */
  kubernetesVersion?: string | undefined;
}

/** What makes a sandbox this one: a kubeconfig of it works as long as these stay. */
export interface Identity {
  data: DataFolder | undefined;
  kubernetesVersion: string;
  token: string;
  certificate: Certificate;
  /** Where it listened the last time. */
  port: number | undefined;
  controlPort: number | undefined;
}

const newestVersion = "1.37";
// A sandbox that is started again should outlive the work that it is started for.
const renewedMilliseconds = 30 * 86_400_000;

/** Who a sandbox is: what its folder says, or a new one. `now` is in milliseconds. */
export async function identify(
  { data: dir, kubernetesVersion }: IdentityOptions,
  now: number,
  journal: JournalOptions = {},
): Promise<Identity> {
  const data = dir === undefined ? undefined : await DataFolder.open(dir, journal);
  try {
    const header = data?.found?.header;
    return {
      data,
      kubernetesVersion: versionOf(dir, header, kubernetesVersion),
      token: header?.token ?? randomBytes(24).toString("base64url"),
      certificate: header && lasts(header.certificate, now) ? header.certificate : createCertificate(now),
      port: header?.port,
      controlPort: header?.controlPort,
    };
  } catch (error) {
    await data?.close();
    throw error;
  }
}

/** An identity as its folder has it. */
export function headerOf({ kubernetesVersion, token, certificate, port, controlPort }: Identity): Header {
  return { format: dataFormat, kubernetesVersion, token, certificate, port, controlPort };
}

/** As with a real cluster, the way is up: the objects of a newer release may say what an older one does not know. */
function versionOf(dir: string | undefined, header: Header | undefined, wanted: string | undefined): string {
  if (!header) return wanted ?? newestVersion;
  const { kubernetesVersion: found } = header;
  if (wanted === undefined || wanted === found) return found;
  if (minorOf(wanted) > minorOf(found)) return wanted;
  throw new Error(
    `${dir} is of Kubernetes ${found}, and a cluster does not go back to ${wanted}: leave out --kubernetes-version, or name another folder`,
  );
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

function lasts({ cert }: Certificate, now: number): boolean {
  return Date.parse(new X509Certificate(cert).validTo) - now > renewedMilliseconds;
}
