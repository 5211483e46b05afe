import { describe, expect, it } from "vitest";
import { answerTo, file, fixture } from "./replay.js";
import type { Answer } from "./replay.js";

const { answers }: { answers: Record<string, Answer> } = JSON.parse(fixture("api-answers.json"));

/** What the recorded server does not do, as it ran without these admission plugins. */
function withServiceAccount(answer: Answer | undefined): Answer | undefined {
  if (answer?.object?.kind !== "Pod") return answer;
  const object = structuredClone(answer.object);
  object.spec = { serviceAccountName: "default", serviceAccount: "default", ...object.spec };
  return { object };
}

function comparable(answer: Answer): Answer {
  const copy = structuredClone(answer);
  delete copy.object?.status?.lastPhaseTransitionTime;
  return copy;
}

describe.each(file.cases)("%s: %s", (base, title, what) => {
  const recorded = answers[title];

  it(`is answered as the real API server answers it`, () => {
    expect(recorded, "record.mjs has not been run since this case was added").toBeDefined();
    expect(comparable(answerTo(base, what))).toEqual(withServiceAccount(recorded));
  });
});

describe("the recorded answers", () => {
  it("have enough refusals to be worth their name", () => {
    expect(Object.values(answers).filter(({ code }) => code !== undefined).length).toBeGreaterThan(60);
  });
});
