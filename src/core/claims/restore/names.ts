import { UsageError } from "../../errors.js";
import type { SavedFile } from "./decide.js";

const claimTypes = ["pvc", "persistentvolumeclaim", "persistentvolumeclaims"];

/** A claim as a person names it: `NAME`, `pvc/NAME` or `NAMESPACE/NAME`. */
export interface ClaimName {
  namespace: string | undefined;
  name: string;
}

export function readClaimName(argument: string): ClaimName {
  const [first = "", second, ...more] = argument.split("/");
  if (!first || second === "" || more.length > 0) {
    throw new UsageError(`"${argument}" is not CLAIM or NAMESPACE/CLAIM`);
  }
  if (second === undefined) return { namespace: undefined, name: first };
  return { namespace: claimTypes.includes(first) ? undefined : first, name: second };
}

/** Those of a namespace, and of the names where any are given. A name that nothing is saved under is a UsageError. */
export function chooseSaved(
  saved: readonly SavedFile[],
  names: readonly ClaimName[],
  namespace: string | undefined,
): SavedFile[] {
  const inNamespace = saved.filter(
    ({ claim }) => namespace === undefined || claim.metadata.namespace === namespace,
  );
  const where = namespace === undefined ? "" : ` of namespace ${namespace}`;
  if (inNamespace.length === 0) throw new UsageError(`the backup holds no claims${where}`);
  const unknown = names.filter((name) => !inNamespace.some((each) => isNamed(each, name)));
  if (unknown.length > 0) {
    const list = unknown.map(({ namespace: given, name }) =>
      given === undefined ? name : `${given}/${name}`,
    );
    throw new UsageError(`the backup holds no claim ${list.join(", ")}${where}`);
  }
  return inNamespace.filter((each) => names.length === 0 || names.some((name) => isNamed(each, name)));
}

function isNamed({ claim: { metadata } }: SavedFile, { namespace, name }: ClaimName): boolean {
  return metadata.name === name && (namespace === undefined || metadata.namespace === namespace);
}
