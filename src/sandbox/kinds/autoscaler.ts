import type { AnyObject } from "../port.js";
import { setDefaults } from "./defaults.js";

const percent = (value: number): object => ({ type: "Percent", value, periodSeconds: 15 });

const rules = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, percent(100)],
  },
  scaleDown: { selectPolicy: "Max", policies: [percent(100)] },
};

const eightyPercentOfCpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
};

export function autoscalerDefaults({ spec }: AnyObject): void {
  setDefaults(spec, { minReplicas: 1, metrics: [eightyPercentOfCpu] });
  if (!spec.behavior) return;
  setDefaults(spec.behavior, { scaleUp: {}, scaleDown: {} });
  setDefaults(spec.behavior.scaleUp, rules.scaleUp);
  setDefaults(spec.behavior.scaleDown, rules.scaleDown);
}
