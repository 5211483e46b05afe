import { describe, it } from "vitest";
import type { ProvidedPair } from "../support/global-setup.js";
import { onBoth, type Side } from "../support/side.js";
import { noteOutcome } from "./agreement.js";
import { observe } from "./observer.js";
import { type Clusters, play } from "./run.js";
import { loadScenarios, type Scenario } from "./scenario.js";
import { storageClasses } from "./shorthand.js";

/** Makes two clusters ready for scenarios: with what every one of them finds, and watched. */
export async function readyFor(sides: readonly [Side, Side]): Promise<Clusters> {
  for (const object of storageClasses)
    await onBoth(sides, (side) => side.port.create("storageclasses", object));
  return { sides, observers: await onBoth(sides, observe) };
}

/** A test for each scenario of a folder that is about the pair's release. `clusters` is asked when the first one begins. */
export function testScenarios(
  folder: string,
  { directory, kubernetesVersion }: Pick<ProvidedPair, "directory" | "kubernetesVersion">,
  clusters: () => Clusters,
): void {
  let serial = 0;
  const test = (theme: string, scenarios: readonly Scenario[]) =>
    it.for(scenarios.map((scenario) => [scenario.name, scenario] as const))(
      "%s",
      async ([, scenario], here) => {
        serial += 1;
        const outcome = { name: `${theme}: ${scenario.name}`, explained: scenario.differs !== undefined };
        noteOutcome(directory, { ...outcome, agrees: false });
        const [ours, real] = await play(clusters(), scenario, `scenario-${serial}`);
        here.expect(ours).toEqual(real);
        noteOutcome(directory, { ...outcome, agrees: true });
      },
    );

  // Every wait of a scenario has its own limit; how long it waits for its turn is no matter.
  const options = { timeout: 900_000 };
  const themes = loadScenarios(folder).map(([theme, scenarios]) => {
    const due = scenarios.filter(({ versions }) => versions?.includes(kubernetesVersion) ?? true);
    return { theme, alone: due.filter(({ alone }) => alone), together: due.filter(({ alone }) => !alone) };
  });
  for (const { theme, together } of themes) describe.concurrent(theme, options, () => test(theme, together));
  for (const { theme, alone } of themes) {
    if (alone.length > 0) describe(`${theme}, one at a time`, options, () => test(theme, alone));
  }
}
