import { describe, expect, it } from "vitest";
import { namingFor } from "../../../src/commands/shared/naming.js";
import { kubectlCommand, ownCommand } from "../../../src/core/progress/naming.js";

describe("commands that are offered reach what this one reached", () => {
  it.each([
    ["the kubeconfig's namespace needs no word", "prod", {}, "prod", "sts status web"],
    ["another one is named", "prod", {}, "test", "sts status web -n test"],
    ["so is one that was given", "prod", { namespace: "prod" }, "prod", "sts status web -n prod"],
    ["and default where it is not the current one", "prod", {}, "default", "sts status web -n default"],
    [
      "context and kubeconfig go along",
      "prod",
      { context: "eu", kubeconfig: "eu.yaml" },
      "prod",
      "sts status web --context=eu --kubeconfig=eu.yaml",
    ],
  ])("%s", (_why, namespace, flags, target, command) => {
    expect(ownCommand(namingFor("sts", { namespace }, flags)(target), "status web")).toBe(command);
  });

  it("goes for kubectl, too, and for kubectl's plugin", () => {
    const naming = namingFor(
      "kubectl sts",
      { namespace: "prod" },
      { namespace: "prod", context: "eu" },
    )("prod");
    expect(kubectlCommand(naming, "logs web-0")).toBe("kubectl logs web-0 -n prod --context=eu");
    expect(ownCommand(naming, "status web")).toBe("kubectl sts status web -n prod --context=eu");
  });
});
