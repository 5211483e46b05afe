import { expect, it } from "vitest";
import { droppedFields } from "../../../src/core/manifest/dropped.js";
import type { KubeObject, Manifest } from "../../../src/core/model.js";

const set = (rollingUpdate: object, kind = "StatefulSet"): Manifest & KubeObject =>
  ({
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "web" },
    spec: { updateStrategy: { rollingUpdate } },
  }) as never;

const dropped = [
  "this server has MaxUnavailableStatefulSet off: spec.updateStrategy.rollingUpdate.maxUnavailable was dropped",
];

it.each([
  [{ maxUnavailable: 2 }, { partition: 0 }, dropped],
  [{ maxUnavailable: "50%" }, {}, dropped],
  [{ maxUnavailable: 2 }, { maxUnavailable: 2 }, []],
  [{ maxUnavailable: null }, {}, []],
  [{}, { maxUnavailable: 1 }, []],
  [{ partition: 0, maxUnavailable: {} }, {}, []],
  [
    { surge: 1 },
    { partition: 0 },
    [
      "this server dropped spec.updateStrategy.rollingUpdate.surge: it does not know the field, or has its feature turned off",
    ],
  ],
])("%j answered by %j", (wanted, answer, fields) => {
  expect(droppedFields(set(wanted), set(answer))).toEqual(fields);
  expect(droppedFields(set(wanted, "Other"), set(answer, "Other"))).toEqual([]);
});
