import { UsageError } from "../core/errors.js";
import { defineCommand } from "./shared/command.js";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** Each script asks `sts __complete`, so that what it offers is always that of the `sts` in use. */
const scripts: Record<Shell, string> = {
  bash: `# bash completion for sts: source <(sts completion bash)
_sts() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}" line="\${COMP_LINE:0:COMP_POINT}"
  # COMP_WORDS splits at "="; the words as typed do not.
  local -a words
  IFS=$' \\t' read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local current="\${words[\${#words[@]}-1]}" candidates
  candidates=$(sts __complete -- "\${words[@]:1}" 2>/dev/null | cut -f1)
  COMPREPLY=($candidates)
  if [[ "$current" == *=* && "$word" != "$current" ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%%=*}="}")
  fi
  [[ "\${COMPREPLY[0]-}" == *= ]] && compopt -o nospace
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
  return 0
}
complete -F _sts sts
`,
  zsh: `#compdef sts
# zsh completion for sts: sts completion zsh > "\${fpath[1]}/_sts"
_sts() {
  local -a candidates
  local line
  while IFS=$'\\t' read -r word help; do
    candidates+=("\${word//:/\\\\:}\${help:+:$help}")
  done < <(sts __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe -V sts candidates -S ''
  else
    _files
  fi
}
if [ "$funcstack[1]" = "_sts" ]; then
  _sts "$@"
else
  compdef _sts sts
fi
`,
  fish: `# fish completion for sts: sts completion fish | source
function __sts_complete
  set -l words (commandline -opc) (commandline -ct)
  sts __complete -- $words[2..-1] 2>/dev/null
end
complete -c sts -f -a '(__sts_complete)'
`,
};

/** Prints the completion script of a shell. */
export const completionCommand = defineCommand<Shell>({
  args: "bash|zsh|fish",
  connects: false,
  examples: `
source <(sts completion bash)
sts completion zsh > "\${fpath[1]}/_sts"
sts completion fish | source`,
  flags: [],

  options(input) {
    const shell = shells.find((candidate) => candidate === input.args[0]);
    if (!shell || input.args.length > 1) throw new UsageError(`name one shell: ${shells.join(", ")}`);
    return shell;
  },

  run: async (shell, { out }) => {
    out.write(scripts[shell]);
    return 0;
  },
});
