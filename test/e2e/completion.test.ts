import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { shellWord } from "../../src/core/words.js";
import { program } from "./support/process.js";

/** What bash would offer for a line as it is being typed, by the script that is shipped. */
function offers(line: string): string {
  const script = `
    sts() { ${program.map(shellWord).join(" ")} "$@"; }
    source "$COMPLETIONS"
    COMP_POINT=\${#COMP_LINE}
    read -r -a COMP_WORDS <<< "\${COMP_LINE//=/ = }"
    [[ "$COMP_LINE" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _sts
    printf '%s' "\${COMPREPLY[*]}"`;
  const env = {
    COMPLETIONS: path.resolve("completions/sts.bash"),
    COMP_LINE: line,
  };
  // compopt works only while bash itself completes
  return execFileSync("bash", ["-c", `compopt() { :; }\n${script}`], { env, encoding: "utf8" });
}

describe("completion in bash", () => {
  test.each([
    ["sts roll", "rollout"],
    ["sts rollout ", "status history stage promote abort undo unstick pause resume restart"],
    ["sts scale web --repl", "--replicas="],
    ["sts scale web --progress=", "auto tty plain json none"],
    ["sts scale web --progress=p", "plain"],
    ["sts scale web --progress p", "plain"],
  ])("%s → %s", (line, offered) => expect(offers(line)).toBe(offered));
});
