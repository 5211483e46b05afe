import { describe, expect, it } from "vitest";
import { inOrder } from "../../../src/commands/claims/in-order.js";

function telling() {
  const said: string[] = [];
  const order = inOrder(
    ["a", "b", "c"],
    (result: string) => result[0] ?? "",
    (result) => said.push(result),
  );
  return { said, ...order };
}

describe("inOrder", () => {
  it("hands on each result as soon as those before it are in", () => {
    const { said, tell } = telling();
    tell("b1");
    expect(said).toEqual([]);
    tell("a1");
    expect(said).toEqual(["a1", "b1"]);
    tell("c1");
    expect(said).toEqual(["a1", "b1", "c1"]);
  });

  it("takes the latest of a result that still waits, and says again what was said", () => {
    const { said, tell } = telling();
    tell("b1");
    tell("b2");
    tell("a1");
    tell("a2");
    expect(said).toEqual(["a1", "b2", "a2"]);
  });

  it("hands on in order what still waits, when there will be no more", () => {
    const { said, tell, flush } = telling();
    tell("c1");
    tell("b1");
    flush();
    flush();
    expect(said).toEqual(["b1", "c1"]);
  });
});
