package flags

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Ask answers what every program is asked in the same words, before its verb is looked
// for: "help" and "help VERB", which are -h and VERB -h, and "completion SHELL". It
// returns the command line to go on with; done: the program is to exit with status code.
func Ask(program string, args []string, stdout, stderr io.Writer) (rest []string, done bool, code int) {
	if len(args) == 0 {
		return args, false, 0
	}
	switch args[0] {
	case "help":
		return append(slices.Clone(args[1:]), "-h"), false, 0
	case "completion":
		if len(args) == 2 && scripts[args[1]] != "" {
			fmt.Fprint(stdout, strings.ReplaceAll(scripts[args[1]], "PROGRAM", program))
			return nil, true, 0
		}
		if len(args) == 2 && slices.Contains([]string{"-h", "--help", "-help"}, args[1]) {
			fmt.Fprintf(stdout, completionHelp, program)
			return nil, true, 0
		}
		err := fmt.Errorf("name a shell: bash, zsh or fish")
		return nil, true, (&Set{program: program + " completion"}).Usage(stderr, err)
	}
	return args, false, 0
}

const completionHelp = `%[1]s completion: prints a script that completes verbs, flags and their choices

usage: %[1]s completion bash|zsh|fish

examples:
  source <(%[1]s completion bash)                                    # in ~/.bashrc
  source <(%[1]s completion zsh)                                     # in ~/.zshrc, behind compinit
  %[1]s completion fish > ~/.config/fish/completions/%[1]s.fish
`

// complete is the question of a completion script: -complete=BEFORE, where BEFORE is the
// word before the one to complete. The answer is a word a line, with its meaning behind
// a tab; nothing: it is a file or any text.
const complete = "complete"

// completions answers the question for a flag's value, or for all that may come next.
func (s *Set) completions(before string) func(io.Writer) {
	return func(w io.Writer) {
		if name := strings.TrimLeft(before, "-"); name != before && !strings.Contains(name, "=") {
			if e := s.byName[name]; e != nil && !e.isBool() {
				if c, ok := e.values[0].(*choiceValue); ok {
					fmt.Fprintln(w, strings.Join(c.choices, "\n"))
				}
				return
			}
		}
		everyProgram := s.verbs
		if len(everyProgram) > 0 {
			everyProgram = append(slices.Clone(everyProgram), "help", "completion")
		}
		for _, verb := range everyProgram {
			fmt.Fprintln(w, verb)
		}
		for _, e := range s.entries {
			_, usage := e.operand()
			fmt.Fprintf(w, "-%s\t%s\n", e.name, firstClause(usage))
		}
		fmt.Fprint(w, "-h\thelp\n-version\tthe program's version\n")
	}
}

// firstClause is enough of a usage for a list of flags.
func firstClause(usage string) string {
	first, _, _ := strings.Cut(usage, ";")
	first, _, _ = strings.Cut(first, ": ")
	return first
}

// scripts are by shell. They know no flag: the program is asked, so they do not grow old.
var scripts = map[string]string{
	"bash": `# bash completion of PROGRAM: source <(PROGRAM completion bash)
_taxistream_PROGRAM() {
  local verb="" IFS=$'\n'
  [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[1]} != -* ]] && verb=${COMP_WORDS[1]}
  COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" ${verb:+"$verb"} -complete="${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null | cut -f1)" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _taxistream_PROGRAM PROGRAM
`,
	"zsh": `#compdef PROGRAM
# zsh completion of PROGRAM: source <(PROGRAM completion zsh)
_taxistream_PROGRAM() {
  local verb=""
  local -a lines found
  (( CURRENT > 2 )) && [[ ${words[2]} != -* ]] && verb=${words[2]}
  lines=("${(@f)$("${words[1]}" ${verb:+"$verb"} -complete="${words[CURRENT-1]}" 2>/dev/null)}")
  found=("${(@)lines%%$'\t'*}")
  if [[ -n "${found[1]}" ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _taxistream_PROGRAM PROGRAM
`,
	"fish": `# fish completion of PROGRAM: PROGRAM completion fish | source
function __taxistream_PROGRAM
  set -l words (commandline -opc)
  set -l verb
  if test (count $words) -gt 1; and not string match -q -- '-*' $words[2]
    set verb $words[2]
  end
  $words[1] $verb -complete="$words[-1]" 2>/dev/null
end
complete -c PROGRAM -a '(__taxistream_PROGRAM)'
`,
}
