/** The shells that can be told how `netfold` goes on. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof SHELLS)[number];

// All of them ask `netfold completion words -- WORD…`, which answers a word a line, with what it means behind a tab; the
// line `:files` asks for the names of files.

// bash takes words apart at = and :, netfold does not: the line is read anew, and what stands before the last of them
// is not repeated.
const BASH = `# bash completion for netfold
_netfold() {
  local line=\${COMP_LINE:0:COMP_POINT} current kept answer
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=\${words[\${#words[@]}-1]}
  kept=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ $answer == :files ]]; then
      compopt -o default 2>/dev/null
      continue
    fi
    answer=\${answer%%$'\\t'*}
    [[ $answer == "$current"* ]] && COMPREPLY+=("\${answer#"$kept"}")
  done < <("\${words[0]}" completion words -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _netfold netfold
`;

const ZSH = `#compdef netfold
_netfold() {
  local -a found
  local line files=
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      line=\${line//:/\\\\:}
      found+=("\${line/$'\\t'/:}")
    fi
  done < <("\${words[1]}" completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe netfold found
  fi
  if [[ -n $files ]]; then
    _files
  fi
}
if [[ $funcstack[1] == _netfold ]]; then
  _netfold "$@"
else
  compdef _netfold netfold
fi
`;

const FISH = `# fish completion for netfold
function __netfold_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] completion words -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            printf '%s\\n' $line
        end
    end
end
complete --command netfold --no-files --arguments '(__netfold_words)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
