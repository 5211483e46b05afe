import type { AnyObject } from "../port.js";
import { timestamp } from "../store/environment.js";
import type { Resources } from "../store/resources.js";
import { badRequest, invalid } from "../store/status.js";
import type { Answer } from "./answer.js";
import { readObject } from "./body.js";
import { isAllowed, rulesFor, type Attributes } from "./rbac.js";
import type { ApiRequest, ResourcePath, User } from "./request.js";

const authorization = { group: "authorization.k8s.io", version: "v1" };

/** Answers POSTs of reviews: who am I, what may I do, and may I (or may somebody) do this. Undefined for other paths. */
export async function reviewAnswer(
  resources: Resources,
  request: ApiRequest,
  { group, resource }: ResourcePath,
): Promise<Answer | undefined> {
  if (request.method !== "POST") return undefined;
  switch (`${group}/${resource}`) {
    case "authentication.k8s.io/selfsubjectreviews": {
      const kind = { group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview" };
      const review = await readObject(request, kind);
      const metadata = { creationTimestamp: timestamp(resources.env.now()) };
      const { name: username, groups } = request.user;
      return { code: 201, body: { ...review, metadata, status: { userInfo: { username, groups } } } };
    }
    case "authorization.k8s.io/selfsubjectaccessreviews": {
      const review = await readObject(request, { ...authorization, kind: "SelfSubjectAccessReview" });
      return accessAnswer(resources, review, request.user);
    }
    case "authorization.k8s.io/subjectaccessreviews": {
      const review = await readObject(request, { ...authorization, kind: "SubjectAccessReview" });
      const { user = "", groups = [] } = review.spec ?? {};
      return accessAnswer(resources, review, { name: user, groups });
    }
    case "authorization.k8s.io/selfsubjectrulesreviews": {
      const review = await readObject(request, { ...authorization, kind: "SelfSubjectRulesReview" });
      return rulesAnswer(resources, review, request.user);
    }
    default:
      return undefined;
  }
}

/** All that may be done in a namespace: `kubectl auth can-i --list`. */
function rulesAnswer(resources: Resources, review: AnyObject, user: User): Answer {
  const namespace: string = review.spec?.namespace ?? "";
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
  return { code: 201, body: { ...review, spec: {}, status } };
}

function accessAnswer(resources: Resources, review: AnyObject, user: User): Answer {
  const attributes = attributesOf(review);
  const allowed = isAllowed(resources, user, attributes);
  return { code: 201, body: { ...review, status: { allowed } } };
}

function attributesOf({ kind, spec }: AnyObject): Attributes {
  const { resourceAttributes: wanted, nonResourceAttributes: other } = spec ?? {};
  if (Boolean(wanted) === Boolean(other)) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    const message = `Invalid value: ${JSON.stringify(wanted ?? null)}: ${why}`;
    throw invalid({ group: "authorization.k8s.io", kind }, "", [
      { reason: "FieldValueInvalid", field: "spec", message },
    ]);
  }
  if (other) return { verb: other.verb ?? "", path: other.path ?? "" };
  const { verb = "", group = "", resource = "", namespace = "", name = "", subresource = "" } = wanted;
  return { verb, path: "", resource: { group, resource, namespace, name, subresource } };
}
