import { describe, expect, it } from "vitest";
import type { AnyObject } from "../../../src/sandbox/port.js";
import { admission, answerTo, kindOf } from "./replay.js";

const old = { ...admission, kubernetesVersion: "1.36" };
const maxUnavailable = { "/spec/updateStrategy": { rollingUpdate: { partition: 2, maxUnavailable: "50%" } } };

describe("a StatefulSet on 1.36", () => {
  it("loses maxUnavailable without a word, its gate being off (#137409)", () => {
    const { object } = answerTo("set", { set: maxUnavailable }, old);
    expect(object?.spec.updateStrategy.rollingUpdate).toEqual({ partition: 2 });
  });

  it("gets no default for maxUnavailable", () => {
    expect(answerTo("set", {}, old).object?.spec.updateStrategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { partition: 0 },
    });
  });

  it("keeps the maxUnavailable that it has, from a time when the gate was on", () => {
    const { object } = answerTo("set", { set: maxUnavailable });
    const next = structuredClone(object) as AnyObject;
    next.spec.replicas = 9;
    kindOf(next).prepareUpdate(next, object as AnyObject, old);
    expect(next.spec.updateStrategy.rollingUpdate).toEqual({ partition: 2, maxUnavailable: "50%" });
  });

  it("has one text for everything immutable", () => {
    const update = { "/spec/serviceName": "other", "/spec/podManagementPolicy": "Parallel" };
    expect(answerTo("set", { update }, old).message).toBe(
      'StatefulSet.apps "web" is invalid: spec: Forbidden: updates to statefulset spec for fields other than ' +
        "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', " +
        "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    );
  });
});
