import { UsageError } from "../errors.js";
import type { StatefulSet } from "../model.js";

/** Container name (`*`: every container) → image. */
export type Images = ReadonlyMap<string, string>;

/** Reads `nginx=nginx:1.29`, as `kubectl set image` takes it. Throws a UsageError. */
export function parseImages(words: readonly string[]): Images {
  const images = new Map<string, string>();
  for (const word of words) {
    const split = word.indexOf("=");
    const [container, image] = [word.slice(0, split), word.slice(split + 1)];
    if (split < 1 || image === "") throw new UsageError(`"${word}" is not CONTAINER=IMAGE`);
    if (/\s/.test(image)) throw new UsageError(`"${image}" is not the name of an image`);
    if (images.has(container)) throw new UsageError(`container ${container} is given twice`);
    images.set(container, image);
  }
  if (images.size === 0) throw new UsageError("at least one CONTAINER=IMAGE is needed");
  return images;
}

/**
 * What a strategic merge patch has to say below `spec.template`: the containers whose image changes. Undefined when none
 * does. Throws a UsageError for a container that the set does not have.
 */
export function imagesPatch(set: StatefulSet, images: Images): object | undefined {
  const pod = set.spec.template.spec;
  const lists = { containers: pod?.containers ?? [], initContainers: pod?.initContainers ?? [] };
  checkNames(set.metadata.name, Object.values(lists).flat(), images);
  const changed = Object.entries(lists).map(([list, containers]) => {
    const wanted = containers.map(({ name, image }) => ({
      name,
      before: image,
      image: imageFor(name, list, images),
    }));
    const different = wanted.filter(({ image, before }) => image !== undefined && image !== before);
    return [list, different.map(({ name, image }) => ({ name, image }))] as const;
  });
  const spec = Object.fromEntries(changed.filter(([, containers]) => containers.length > 0));
  return Object.keys(spec).length > 0 ? { spec } : undefined;
}

/** The words that bring back the images that a change replaces: `nginx=nginx:1.29`. */
export function imagesBefore(set: StatefulSet, images: Images): string[] {
  const { containers = [], initContainers = [] } = set.spec.template.spec ?? {};
  const lists = { containers, initContainers };
  return Object.entries(lists).flatMap(([list, found]) =>
    found.flatMap(({ name, image }) => {
      const wanted = imageFor(name, list, images);
      return wanted === undefined || wanted === image || !image ? [] : [`${name}=${image}`];
    }),
  );
}

/** `*` stands for the containers; init containers are changed by name only, as kubectl does. */
function imageFor(container: string, list: string, images: Images): string | undefined {
  return images.get(container) ?? (list === "containers" ? images.get("*") : undefined);
}

function checkNames(set: string, containers: readonly { name: string }[], images: Images): void {
  const names = containers.map(({ name }) => name);
  for (const container of images.keys()) {
    if (container === "*" || names.includes(container)) continue;
    throw new UsageError(
      `unable to find container named "${container}" in ${set}; it has ${names.join(", ")}`,
    );
  }
}
