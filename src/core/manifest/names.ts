/**
 * The rules of apimachinery's `util/validation` for names. Each returns what is wrong, in the API's words, or
 * undefined for a good name.
 */

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const serviceLabel = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedPart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Pods are named `<set>-<ordinal>` and labelled `controller-revision-hash: <set>-<hash>`, of 63 at most (#64023). */
const longestSetName = 52;

/** A label of RFC 1123: container, volume and set names. */
export function labelProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (!label.test(name)) {
    return "must be lower case letters, digits and '-', starting and ending with a letter or digit (RFC 1123 label)";
  }
  return undefined;
}

/** A subdomain of RFC 1123: names of most objects. */
export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return "must be no more than 253 characters";
  if (!subdomain.test(name)) {
    return "must be lower case letters, digits, '-' and '.', starting and ending with a letter or digit (RFC 1123)";
  }
  return undefined;
}

/** A label of RFC 1035: names of Services. */
export function serviceNameProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (!serviceLabel.test(name)) {
    return "must be lower case letters, digits and '-', starting with a letter (RFC 1035 label)";
  }
  return undefined;
}

/** The name of a StatefulSet, whose pods must still be creatable. */
export function setNameProblem(name: string): string | undefined {
  if (name.length > longestSetName) {
    return (
      `is ${name.length} characters long: with more than ${longestSetName} the label controller-revision-hash ` +
      "of its pods would be too long, and none could be created (kubernetes/kubernetes#64023)"
    );
  }
  return labelProblem(name);
}

/** `[prefix/]name` of a label or an annotation. */
export function labelKeyProblem(key: string): string | undefined {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (more.length > 0) return "must be [PREFIX/]NAME";
  if (prefix !== undefined && subdomainProblem(prefix)) return `prefix ${subdomainProblem(prefix)}`;
  return qualifiedProblem(name);
}

export function labelValueProblem(value: string): string | undefined {
  return value === "" ? undefined : qualifiedProblem(value);
}

function qualifiedProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 characters";
  if (!qualifiedPart.test(name)) {
    return "must be letters, digits, '-', '_' and '.', starting and ending with a letter or digit";
  }
  return undefined;
}

/** `IANA_SVC_NAME`: the name of a port. */
export function portNameProblem(name: string): string | undefined {
  if (name.length > 15) return "must be no more than 15 characters";
  if (!label.test(name) || name.includes("--") || !/[a-z]/.test(name)) {
    return "must be lower case letters, digits and single '-', with at least one letter";
  }
  return undefined;
}

/** The name of an environment variable: any printable ASCII but `=` (API server 1.32 and newer). */
export function envNameProblem(name: string): string | undefined {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name) ? undefined : "must be printable ASCII without '='";
}
