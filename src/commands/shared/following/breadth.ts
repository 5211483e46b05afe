import { parsePodName } from "../../../core/identity.js";
import type { Event, StoredMeta } from "../../../core/model.js";

/** A set, by its name. */
export interface Place {
  namespace: string;
  name: string;
}

/** What is watched together: one set, the sets of a namespace, or all of the cluster. */
export type Breadth = "set" | "namespace" | "cluster";

/** Up to so many sets in a namespace, and namespaces, are watched one by one: less comes than from the whole. */
const few = 8;

/** How broadly each namespace is watched, so that the requests stay few however many sets are followed. */
export function breadthFor(targets: readonly Place[]): (namespace: string) => Breadth {
  const counts = new Map<string, number>();
  for (const { namespace } of targets) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  if (counts.size > few) return () => "cluster";
  return (namespace) => ((counts.get(namespace) ?? 0) > few ? "namespace" : "set");
}

/** The set that a thing seems to belong to, for looking it up; whether it does is decided from the thing itself. */
export type SetKey = string;

export const setKey = ({ namespace, name }: Place): SetKey => `${namespace}/${name}`;

/** What concerns some set of a namespace, and does not tell which. */
export const anySetOf = (namespace: string): SetKey => setKey({ namespace, name: "" });

interface Named {
  metadata: Pick<StoredMeta, "namespace" | "name">;
}

/** How things of each sort name their set. */
export const setKeys = {
  set: ({ metadata: { namespace = "", name } }: Named) => setKey({ namespace, name }),
  pods: ({ metadata: { namespace = "", name } }: Named) =>
    setKey({ namespace, name: parsePodName(name)?.set ?? "" }),
  events: ({ involvedObject: { kind, namespace = "", name = "" } }: Event) => {
    if (kind === "StatefulSet") return setKey({ namespace, name });
    return kind === "Pod" ? setKey({ namespace, name: parsePodName(name)?.set ?? "" }) : anySetOf(namespace);
  },
};
