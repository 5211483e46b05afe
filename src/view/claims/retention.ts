import { describePolicyChange, type RetentionPolicy } from "../../core/claims/retention.js";
import {
  destructionUnder,
  ownerOf,
  ownerUnder,
  type ClaimOwner,
  type Destruction,
  type OwnedClaim,
} from "../../core/claims/owned.js";
import { describeFate, fateOf, type ReclaimPolicies } from "../../core/claims/volumes.js";
import { podName } from "../../core/identity.js";
import { enumerate, listWords } from "../../core/words.js";
import { claimAmount } from "./summary.js";
import { formatTable } from "../table.js";

/** What a retention policy is, or becomes, and the claims it is about. */
export interface RetentionView {
  namespace: string;
  name: string;
  now: RetentionPolicy;
  /** The same as `now` where it is only shown. */
  next: RetentionPolicy;
  claims: readonly OwnedClaim[];
  policies: ReclaimPolicies;
}

/** The policy, each claim with whose it is and what would destroy it, and the sum of it in words. */
export function retentionPage(view: RetentionView): string {
  const { namespace, name, now, next, claims } = view;
  const title = `${namespace}/${name}: retention policy ${describePolicyChange(now, next)}\n`;
  if (claims.length === 0) return `${title}  it has no claims\n`;
  const head = ["CLAIM", "SIZE", "OWNER", "SCALED DOWN", "SET DELETED", "NOTE"];
  const rows = claims.map((owned) => row(owned, view));
  const hasNotes = rows.some((cells) => cells.at(-1) !== "");
  const table = [head, ...rows].map((cells) => (hasNotes ? cells : cells.slice(0, -1)));
  const lines = formatTable(table).trimEnd().split("\n");
  return [title, ...lines.map((line) => `  ${line.trimEnd()}\n`), ...sums(view)].join("");
}

function row(owned: OwnedClaim, { name, next, policies }: RetentionView): string[] {
  const { claim } = owned;
  const [now, then] = [ownerOf(owned), ownerUnder(next, owned)].map((owner) => ownerWord(owner, name, owned));
  const fate = describeFate(fateOf(claim, policies)).short;
  const words = { kept: "kept", deleted: fate, going: `now: ${fate}` };
  const { scaling, deletion } = destructionUnder(next, owned);
  const owner = now === then ? (now ?? "") : `${now} → ${then}`;
  return [claim.name, claim.size, owner, words[scaling], words[deletion], noteOf(owned, name)];
}

function ownerWord(owner: ClaimOwner, name: string, { ordinal }: OwnedClaim): string {
  return { none: "none", set: name, pod: `pod ${podName(name, ordinal)}` }[owner];
}

function noteOf({ place, beyond, ordinal }: OwnedClaim, name: string): string {
  if (beyond !== undefined) return beyond;
  const pod = podName(name, ordinal);
  const notes = {
    running: "",
    condemned: `${pod} is going`,
    awaited: `no ${pod} yet`,
    "left-over": "left over",
  };
  return notes[place];
}

function sums({ next, name, claims, policies }: RetentionView): string[] {
  const by = (what: (destruction: Destruction) => boolean) =>
    claims.filter((owned) => what(destructionUnder(next, owned)));
  const scaled = by(({ scaling }) => scaling === "deleted");
  const deleted = by(({ deletion }) => deletion === "deleted");
  const going = by(({ scaling }) => scaling === "going");
  const leftOver = claims.filter(
    (owned) => owned.place === "left-over" && ownerUnder(next, owned) === "none" && !owned.beyond,
  );
  const lines = [
    scaled.length > 0
      ? `scaling down to 0 deletes ${amounts(scaled, policies)}: once a pod is to go, it owns its claims`
      : "scaling down keeps the claims",
    deleted.length > 0
      ? `deleting ${name} deletes ${amounts(deleted, policies)}`
      : `deleting ${name} keeps the claims`,
  ];
  if (going.length > 0) {
    lines.push(`being deleted now, with or without ${name}: ${namesOf(going)}`);
  }
  if (leftOver.length > 0 && (next.whenScaled === "Delete" || next.whenDeleted === "Delete")) {
    const are = leftOver.length === 1 ? "is" : "are";
    lines.push(`${namesOf(leftOver)} ${are} left over: no policy deletes what has no pod and no owner`);
  }
  return lines.map((line) => `${line}\n`);
}

const namesOf = (claims: readonly OwnedClaim[]): string => enumerate(claims.map(({ claim }) => claim.name));

/** `2 claims, 2Gi (data destroyed)`, for each fate of the data. */
function amounts(claims: readonly OwnedClaim[], policies: ReclaimPolicies): string {
  const fates = new Set(claims.map(({ claim }) => fateOf(claim, policies)));
  const parts = [...fates].map((fate) => {
    const found = claims.filter(({ claim }) => fateOf(claim, policies) === fate);
    return `${claimAmount(found)} (${describeFate(fate).short})`;
  });
  return listWords(parts);
}

/** The one document of `-o json` and `-o yaml`. */
export function retentionItem({ namespace, name, now, next, claims, policies }: RetentionView) {
  return {
    namespace,
    name,
    before: now,
    policy: next,
    claims: claims.map((owned) => {
      const { claim, ordinal, place, beyond } = owned;
      const { scaling, deletion } = destructionUnder(next, owned);
      return {
        name: claim.name,
        uid: claim.uid,
        ordinal,
        place,
        reason: beyond ?? null,
        ownerBefore: ownerOf(owned),
        owner: ownerUnder(next, owned),
        size: claim.size,
        reclaimPolicy: (claim.volume && policies?.get(claim.volume)) ?? null,
        whenScaled: scaling,
        whenDeleted: deletion,
      };
    }),
  };
}
