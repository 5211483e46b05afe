import type { FieldError } from "../kinds/kind.js";
import { normalizeStruct } from "../kinds/normalize.js";
import { sinceMinor } from "../kinds/version.js";
import type { AnyObject } from "../port.js";
import { timestamp } from "../store/environment.js";
import type { Resources } from "../store/resources.js";
import { badRequest, invalid } from "../store/status.js";
import type { Answer } from "./answer.js";
import { readObject } from "./body.js";
import { isAllowed, rulesFor, type Attributes } from "./rbac.js";
import type { ApiRequest, ResourcePath, User } from "./request.js";
import { notAllowed, type BodyKind } from "./subresources.js";

/** Something that is posted to be answered, and never kept. */
interface Review extends BodyKind {
  namespaced?: boolean;
  /** The fields that its answer has besides those that came. */
  answered(resources: Resources, review: AnyObject, user: User): object;
}

const authorization = { group: "authorization.k8s.io", version: "v1" };

/** Who am I, what may I do, and may I (or may somebody) do this. */
export const reviews: readonly Review[] = [
  {
    ...{ group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview" },
    answered: ({ env }, _review, { name: username, groups }) => {
      const metadata = { creationTimestamp: timestamp(env.now()) };
      return { metadata, status: { userInfo: { username, groups } } };
    },
  },
  { ...authorization, kind: "SelfSubjectAccessReview", answered: accessOf },
  { ...authorization, kind: "SelfSubjectRulesReview", answered: rulesOf },
  { ...authorization, kind: "SubjectAccessReview", answered: accessOfSubject },
  { ...authorization, kind: "LocalSubjectAccessReview", namespaced: true, answered: accessOfSubject },
];

/** `selfsubjectreviews` */
export function reviewResource({ kind }: Review): string {
  return `${kind.toLowerCase()}s`;
}

/** Answers a POST of a review; throws the API's 405 for other methods. Undefined for what is no path of one. */
export async function reviewAnswer(
  resources: Resources,
  request: ApiRequest,
  { group, resource, namespace, name }: ResourcePath,
): Promise<Answer | undefined> {
  const review = reviews.find((each) => each.group === group && reviewResource(each) === resource);
  if (!review || name !== "" || Boolean(review.namespaced) !== (namespace !== "")) return undefined;
  if (request.method !== "POST") throw notAllowed();
  const said = await readObject(request, review);
  // What Go reads a null as is what it reads nothing as.
  normalizeStruct(review.kind, said);
  const asked = review.namespaced ? { ...said, metadata: { namespace, ...said.metadata } } : said;
  return { code: 201, body: { ...asked, ...review.answered(resources, asked, request.user) } };
}

/** All that may be done in a namespace: `kubectl auth can-i --list`. */
function rulesOf(resources: Resources, { spec }: AnyObject, user: User): object {
  const namespace: string = spec?.namespace ?? "";
  if (namespace === "") throw badRequest("no namespace on request");
  const rules = rulesFor(resources, user, namespace);
  const status = {
    resourceRules: rules
      .filter((rule) => rule.resources?.length)
      .map(({ verbs, apiGroups, resources: named, resourceNames }) => ({
        verbs,
        apiGroups,
        resources: named,
        resourceNames,
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
  return { spec: {}, status };
}

function accessOf(resources: Resources, review: AnyObject, user: User): object {
  const spec: AnyObject["spec"] = review.spec ?? {};
  check(faultsOf(resources, spec));
  return { status: { allowed: isAllowed(resources, user, attributesOf(spec)) } };
}

function accessOfSubject(resources: Resources, { metadata, ...review }: AnyObject): object {
  const spec: AnyObject["spec"] = review["spec"] ?? {};
  const { user = "", groups = [], resourceAttributes: wanted, nonResourceAttributes: other } = spec;
  const { namespace } = metadata;
  check([
    ...faultsOf(resources, spec),
    ...(user === "" && groups.length === 0
      ? [fault("spec.user", "", "at least one of user or group must be specified")]
      : []),
    ...(namespace !== undefined && wanted && (wanted.namespace ?? "") !== namespace
      ? [fault("spec.resourceAttributes.namespace", wanted.namespace ?? "", "must match metadata.namespace")]
      : []),
    ...(namespace !== undefined && other
      ? [fault("spec.nonResourceAttributes", internal(other), "disallowed on this kind of request")]
      : []),
  ]);
  return { status: { allowed: isAllowed(resources, { name: user, groups }, attributesOf(spec)) } };
}

/** What is wrong with what is asked for, in the words of the release. */
function faultsOf(
  { env }: Resources,
  { resourceAttributes: wanted, nonResourceAttributes: other }: AnyObject["spec"],
): FieldError[] {
  if (Boolean(wanted) !== Boolean(other)) return [];
  const one = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  if (sinceMinor(37, env.kubernetesVersion)) return [fault("spec", internal(other), one)];
  const both = "cannot be specified in combination with resourceAttributes";
  return [
    other
      ? fault("spec.nonResourceAttributes", internal(other), both)
      : fault("spec.resourceAttributes", null, one),
  ];
}

function fault(field: string, value: unknown, why: string): FieldError {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

/** As the API's own types have it, which it shows in its refusals. */
function internal(other: { path?: string; verb?: string } | undefined): object | null {
  return other ? { Path: other.path ?? "", Verb: other.verb ?? "" } : null;
}

/** Reviews that are refused have neither a kind nor a name. */
function check(faults: FieldError[]): void {
  if (faults.length > 0) throw invalid({ group: authorization.group, kind: "" }, "", faults);
}

function attributesOf({
  resourceAttributes: wanted,
  nonResourceAttributes: other,
}: AnyObject["spec"]): Attributes {
  if (other) return { verb: other.verb ?? "", path: other.path ?? "" };
  const { verb = "", group = "", resource = "", namespace = "", name = "", subresource = "" } = wanted;
  return { verb, path: "", resource: { group, resource, namespace, name, subresource } };
}
