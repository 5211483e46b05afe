import { conditionOf, containerStatuses } from "../../pod-state.js";
import { Reason } from "../reasons.js";
import { eventTime, podEvents } from "../snapshot.js";
import type { Rule } from "../trouble.js";

/**
 * A pod whose node no longer answers: the node controller takes Ready from it and says so in an event
 * (`MarkPodsNotReady`), while the containers are as the kubelet last knew them. The node may come back at any time.
 */
export const nodeRule: Rule = (pod, snapshot) => {
  const ready = conditionOf(pod, "Ready");
  const containers = containerStatuses(pod);
  if (ready?.status !== "False" || containers.length === 0) return undefined;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  const said = podEvents(snapshot, pod).some(
    (event) => event.reason === "NodeNotReady" && eventTime(event) >= since,
  );
  if (!said) return undefined;
  const { nodeName } = pod.spec;
  const words = `is on ${nodeName === undefined ? "a node" : `node ${nodeName}`} that does not answer`;
  return { reason: Reason.NodeNotReady, words, fatalFrom: Infinity };
};
