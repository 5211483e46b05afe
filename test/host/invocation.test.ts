import { expect, test } from "vitest";
import { invocationOf } from "../../src/host/invocation.js";

const called = (argv: string[], argv0: string, execPath: string) =>
  invocationOf({ argv, argv0, execPath } as NodeJS.Process);

test("a script is started again by Node", () => {
  const script = "/usr/lib/node_modules/sts-cli/bin/sts.js";
  expect(called(["/usr/bin/node", script, "get"], "node", "/usr/bin/node")).toEqual({
    program: "sts",
    entry: { command: "/usr/bin/node", args: [script] },
  });
});

test("an executable is started again by itself, without the path that Bun says is inside of it", () => {
  for (const inside of ["/$bunfs/root/sts", "B:\\~BUN\\root\\sts.exe", "B:/~BUN/root/sts.exe"]) {
    expect(called(["bun", inside, "get"], "./sts", "/opt/sts")).toEqual({
      program: "sts",
      entry: { command: "/opt/sts", args: [] },
    });
  }
});

test.each([
  ["the script's name", ["/usr/bin/node", "/usr/local/bin/kubectl-sts"], "node", "kubectl sts"],
  ["the name that an executable is called by", ["bun", "/$bunfs/root/sts"], "kubectl-sts", "kubectl sts"],
  ["its path", ["bun", "/$bunfs/root/sts"], "/home/me/.krew/bin/kubectl-sts", "kubectl sts"],
  ["no script at all", ["/usr/bin/node"], "node", "sts"],
])("kubectl's plugin is known by %s", (_by, argv, argv0, program) => {
  expect(called(argv, argv0, "/opt/sts").program).toBe(program);
});
