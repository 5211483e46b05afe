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

describe("gates", () => {
  it("take maxUnavailable on 1.36, and drop it on 1.37", () => {
    const { object } = answerTo("set", { set: maxUnavailable }, { ...old, gates: { maxUnavailable: true } });
    expect(object?.spec.updateStrategy.rollingUpdate.maxUnavailable).toBe("50%");
    const off = answerTo("set", { set: maxUnavailable }, { ...admission, gates: { maxUnavailable: false } });
    expect(off.object?.spec.updateStrategy.rollingUpdate).toEqual({ partition: 2 });
  });

  it("take Recreate (KEP-3541) and name it among the strategies", () => {
    const server = { ...admission, gates: { recreateStrategy: true } };
    const strategy = (value: object) => answerTo("set", { set: { "/spec/updateStrategy": value } }, server);
    expect(strategy({ type: "Recreate" }).object?.spec.updateStrategy).toEqual({ type: "Recreate" });
    expect(strategy({ type: "Sideways" }).message).toContain(
      "must be 'RollingUpdate', 'OnDelete', or 'Recreate'",
    );
    expect(strategy({ type: "Recreate", rollingUpdate: { partition: 1 } }).message).toContain(
      "only allowed for updateStrategy 'RollingUpdate'",
    );
  });
});
