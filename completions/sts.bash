# bash completion for sts: source <(sts completion bash)
_sts() {
  local IFS=$'\n' word="${COMP_WORDS[COMP_CWORD]}" line="${COMP_LINE:0:COMP_POINT}"
  # COMP_WORDS splits at "="; the words as typed do not.
  local -a words
  IFS=$' \t' read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  local current="${words[${#words[@]}-1]}" candidates
  candidates=$(sts __complete -- "${words[@]:1}" 2>/dev/null | cut -f1)
  COMPREPLY=($candidates)
  if [[ "$current" == *=* && "$word" != "$current" ]]; then
    COMPREPLY=("${COMPREPLY[@]#"${current%%=*}="}")
  fi
  [[ "${COMPREPLY[0]-}" == *= ]] && compopt -o nospace
  [[ ${#COMPREPLY[@]} -eq 0 ]] && compopt -o default
  return 0
}
complete -F _sts sts
