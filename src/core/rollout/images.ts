import { UsageError } from "../errors.js";
import type { StatefulSet } from "../model.js";
import {
  containersPatch,
  templateContainers,
  unknownContainer,
  type TemplateContainer,
} from "./containers.js";

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
  checkNames(set, images);
  return containersPatch(set, (found) => {
    const image = imageFor(found, images);
    return image === undefined || image === found.container.image ? undefined : { image };
  });
}

/** `*` stands for the containers; init containers are changed by name only, as kubectl does. */
function imageFor({ container, list }: TemplateContainer, images: Images): string | undefined {
  return images.get(container.name) ?? (list === "containers" ? images.get("*") : undefined);
}

function checkNames(set: StatefulSet, images: Images): void {
  const names = templateContainers(set).map(({ container }) => container.name);
  const unknown = [...images.keys()].find((name) => name !== "*" && !names.includes(name));
  if (unknown !== undefined) throw unknownContainer(set, unknown);
}
