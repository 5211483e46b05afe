import type { Mirror, MirrorOptions } from "../../../src/cluster/index.js";
import { kinds } from "../../../src/core/kinds.js";
import type { Pod } from "../../../src/core/model.js";
import { json, status } from "../../support/fake-api-server.js";
import { until } from "../../support/fake-clock.js";
import type { Rig } from "../support.js";

export const PODS = "GET /api/v1/namespaces/default/pods";

export const pod = (name: string, uid: string, resourceVersion: number, more: object = {}): object => ({
  metadata: { name, uid, namespace: "default", resourceVersion: String(resourceVersion), ...more },
});
export const listed = (resourceVersion: number, ...items: object[]) =>
  json({ metadata: { resourceVersion: String(resourceVersion) }, items });
export const bookmark = (resourceVersion: number) => ({
  type: "BOOKMARK",
  object: pod("", "", resourceVersion),
});
export const expired = status(410, "Expired", "too old resource version: 1 (9)");

export interface Watched {
  mirror: Mirror<Pod>;
  /** `added web-0@5`, `lost`, `back`, in order. */
  log: string[];
  options: MirrorOptions<Pod>;
  stop: AbortController;
}

export function watchPods({ cluster }: Rig): Watched {
  const log: string[] = [];
  const stop = new AbortController();
  const options: MirrorOptions<Pod> = {
    signal: stop.signal,
    onChange(change) {
      if (change.type === "synced") return void log.push("synced");
      const { name, uid, resourceVersion } = change.object.metadata;
      log.push(`${change.type} ${name}/${uid}@${resourceVersion}`);
    },
    onContact: (lost) => log.push(lost ? `lost: ${lost.error.message.split("\n", 1)[0]}` : "back"),
  };
  return { mirror: cluster.mirror(kinds.pod, { labelSelector: "app=web" }, options), log, options, stop };
}

export const logged = (log: string[], line: string): Promise<void> =>
  until(() => log.includes(line), `${line} in ${log.join()}`);
