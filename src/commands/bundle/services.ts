import type { Cluster, Ref } from "../../cluster/cluster.js";
import { isApiError } from "../../cluster/errors.js";
import type { Context } from "../../context.js";
import { kinds, type Kind } from "../../core/kinds.js";
import { isStatefulSet } from "../../core/manifest/bundle.js";
import { headlessService, serviceProblems } from "../../core/manifest/service.js";
import type { KubeObject, Service } from "../../core/model.js";
import { getIfThere } from "../shared/optional.js";
import { locateObject } from "./locate.js";
import { madeHere, missingServices, serviceInPlan, withServices, type LocatedObject } from "./plan.js";

/** How headless Services are looked after. */
export interface ServiceOptions {
  /** Make those that are missing. */
  make: boolean;
  /** Sets that have been there before: what they have used all along is not worth a word. */
  isKnown?(set: LocatedObject): boolean;
}

/** Adds the headless Services that sets lack, and says so; warns about those that will not do what they should. */
export async function addServices(
  context: Pick<Context, "err">,
  cluster: Cluster,
  plan: readonly LocatedObject[],
  { make, isKnown = () => false }: ServiceOptions,
): Promise<LocatedObject[]> {
  const say = (text: string): void => context.err.write(`${text}\n`);
  const added: LocatedObject[] = [];
  for (const { set, service } of missingServices(plan)) {
    const { name, namespace } = service.metadata;
    const live = await look(cluster, kinds.service, { name, namespace });
    if (live && live !== "forbidden") {
      const problems = serviceProblems(set.manifest, live);
      if (problems.length === 0 && !isKnown(set)) say(`service/${name} exists already and is used`);
      for (const problem of problems) say(`warning: ${problem}`);
    } else if (make) {
      say(`no Service ${name} yet: a headless one is made from the ports of ${set.manifest.metadata.name}`);
      const kind = kinds.service as Kind<unknown> as Kind<KubeObject>;
      added.push(locateObject(madeHere(service, true), kind, cluster.namespace));
    } else if (live === undefined) {
      say(`warning: Service ${name} does not exist: the pods get no DNS names of their own`);
    }
  }
  sayServiceProblems(plan, isKnown, say);
  return withServices(plan, added);
}

/** What is wrong with Services of the plan itself. A set that is there keeps the name that its manifest leaves out. */
function sayServiceProblems(
  plan: readonly LocatedObject[],
  isKnown: (set: LocatedObject) => boolean,
  say: (text: string) => void,
): void {
  for (const object of plan.filter(({ manifest }) => isStatefulSet(manifest))) {
    const { manifest } = object;
    const wanted = headlessService(manifest);
    if (!wanted) {
      if (isKnown(object)) continue;
      say(
        `warning: StatefulSet ${manifest.metadata.name} has no spec.serviceName: its pods get no DNS names of their own`,
      );
      continue;
    }
    const service = serviceInPlan(plan, wanted)?.manifest;
    const problems = service ? serviceProblems(manifest, service as unknown as Service) : [];
    for (const problem of problems) say(`warning: ${problem}`);
  }
}

/** Undefined: it does not exist. */
async function look<T>(cluster: Cluster, kind: Kind<T>, ref: Ref): Promise<T | "forbidden" | undefined> {
  try {
    return await getIfThere(cluster, kind, ref);
  } catch (error) {
    if (isApiError(error, "Forbidden")) return "forbidden";
    throw error;
  }
}
