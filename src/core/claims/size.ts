import type { Claim, StatefulSet } from "../model.js";

type ClaimTemplate = NonNullable<StatefulSet["spec"]["volumeClaimTemplates"]>[number];

/** What a claim or a claim template asks for, a quantity; `0` where it says nothing. */
export function requestOf({ spec }: Pick<Claim | ClaimTemplate, "spec">): string {
  return spec?.resources?.requests?.["storage"] ?? "0";
}

/** What the volume of a claim has, a quantity; undefined as long as there is none. */
export function capacityOf({ status }: Pick<Claim, "status">): string | undefined {
  return status?.capacity?.["storage"];
}
