# fish completion for sts: sts completion fish | source
function __sts_complete
  set -l words (commandline -opc) (commandline -ct)
  sts __complete -- $words[2..-1] 2>/dev/null
end
complete -c sts -f -a '(__sts_complete)'
