import { podVerbs } from "./pod-steps.js";
import { type Answer, resourceOf, send } from "./requests.js";
import { type Step, verbOf } from "./scenario.js";
import { complete, templateOf, type TemplateShorthand } from "./shorthand.js";
import type { Stage } from "./stage.js";
import { waits } from "./waits.js";
import {
  create,
  type DeleteStep,
  type Fields,
  nameOf,
  patchTypes,
  patchWeb,
  remove,
  type Target,
  update,
  type UpdateStep,
  write,
} from "./writes.js";

interface PatchStep extends Target {
  patch: object;
  type?: "merge" | "strategic" | "json";
  show?: string[];
}

interface ApplyStep {
  object: Fields;
  manager: string;
  force?: boolean;
  dryRun?: boolean;
  show?: string[];
}

interface RequestStep {
  method: string;
  /** With `$NS` for the namespace. */
  path: string;
  body?: object | string;
  type?: string;
  show?: string[];
}

/** What a scenario can do. Each takes what stands behind its verb. */
const verbs: Record<string, (stage: Stage, argument: never) => Promise<Answer>> = {
  create: (stage, object: Fields) => create(stage, object),
  apply: (stage, { object, manager, force, dryRun, show }: ApplyStep) => {
    const whole = complete(object);
    const query = {
      fieldManager: manager,
      ...(force && { force: "true" }),
      ...(dryRun && { dryRun: "All" }),
    };
    const request = { method: "PATCH", type: "application/apply-patch+yaml", body: whole, query, show };
    return write(stage, { resource: resourceOf(whole.kind), name: nameOf(whole) }, request);
  },
  patch: (stage, { patch, type = "merge", show, ...target }: PatchStep) =>
    write(stage, target, { method: "PATCH", body: patch, type: patchTypes[type], show }),
  update: (stage, step: UpdateStep) => update(stage, step),
  delete: (stage, step: string | DeleteStep) =>
    remove(stage, typeof step === "string" ? { name: step } : step),
  /** Of the set `web`, through its subresource. */
  scale: (stage, replicas: number) =>
    patchWeb(stage, { spec: { replicas } }, { type: patchTypes.merge, subresource: "scale" }),
  /** A merge patch of its spec. */
  spec: (stage, spec: Fields) => patchWeb(stage, { spec }, { type: patchTypes.merge }),
  image: (stage, image: string) => {
    const containers = [{ name: "nginx", image }];
    return patchWeb(stage, { spec: { template: { spec: { containers } } } }, { type: patchTypes.strategic });
  },
  /** A whole new pod template. */
  deploy: (stage, template: TemplateShorthand) => {
    const value = templateOf("web", template);
    return patchWeb(stage, [{ op: "replace", path: "/spec/template", value }], { type: patchTypes.json });
  },
  get: (stage, { show, ...target }: Target & { show?: string[] }) =>
    write(stage, target, { method: "GET", show }),
  request: async (stage, request: RequestStep) => (await send(stage, request)).answer,
  ...podVerbs,
  ...waits,
};

const target = ["resource", "name", "subresource"];

/** What may stand behind a verb, so that a slip of the pen is no silence. */
const fieldsOf: Record<string, string[]> = {
  apply: ["object", "manager", "force", "dryRun", "show"],
  patch: [...target, "patch", "type", "show"],
  update: [...target, "set", "resourceVersion", "dryRun", "show"],
  delete: [...target, "propagation", "grace", "preconditions", "dryRun"],
  deploy: ["image", "fault", "ordinals", "slow", "template"],
  get: [...target, "show"],
  request: ["method", "path", "body", "type", "show"],
};

/** Takes one step: what came of it. Throws where a scenario is wrong, and `NeverSeen` where a state did not come. */
export async function perform(stage: Stage, step: Step): Promise<Answer> {
  const [verb, argument] = verbOf(step);
  const act = verbs[verb];
  if (!act) throw new Error(`there is no step ${verb}`);
  const known = typeof argument === "object" ? fieldsOf[verb] : undefined;
  const unknown = known && Object.keys(argument ?? {}).find((field) => !known.includes(field));
  if (unknown) throw new Error(`the step ${verb} has no ${unknown}`);
  return act(stage, argument as never);
}
