// Package manual writes what is made from the model of the command line: completions, the
// manual page and the reference of the configuration.
package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are those that Complete knows.
const Shells = "bash,zsh,fish"

// Complete writes the completion script for a shell.
func Complete(w io.Writer, app *kong.Application, shell string) error {
	var b strings.Builder
	switch shell {
	case "bash":
		bash(&b, app)
	case "zsh":
		// The words are the same; zsh reads bash's scripts.
		fmt.Fprintf(&b, "#compdef %s\nautoload -U +X bashcompinit && bashcompinit\n", app.Name)
		bash(&b, app)
	case "fish":
		fish(&b, app)
	default:
		return fmt.Errorf("%q is no shell that has completions: choose one of %s", shell, Shells)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// command is a node with the words that lead to it.
type command struct {
	*kong.Node
	words []string
}

func commands(n *kong.Node, words []string) []command {
	list := []command{{n, words}}
	for _, c := range n.Children {
		if !c.Hidden {
			list = append(list, commands(c, append(append([]string(nil), words...), c.Name))...)
		}
	}
	return list
}

// flags are those that a person may type after the command's words.
func (c command) flags() (list []*kong.Flag) {
	for n := c.Node; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if !f.Hidden {
				list = append(list, f)
			}
		}
	}
	return list
}

func bash(b *strings.Builder, app *kong.Application) {
	fmt.Fprintf(b, "# Completions for %s.\n_streamdal_server() {\n", app.Name)
	b.WriteString(`	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path="" word words=""
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case "$path $word" in
`)
	for _, c := range commands(app.Node, nil)[1:] {
		fmt.Fprintf(b, "\t\t%q) path=%q ;;\n", " "+strings.Join(c.words, " "), " "+strings.Join(c.words, " "))
	}
	b.WriteString("\t\tesac\n\tdone\n\tcase \"$prev\" in\n")
	seen := map[string]bool{}
	for _, c := range commands(app.Node, nil) {
		for _, f := range c.flags() {
			if seen[f.Name] {
				continue
			}
			seen[f.Name] = true
			switch {
			case f.Enum != "":
				fmt.Fprintf(b, "\t--%s) mapfile -t COMPREPLY < <(compgen -W %q -- \"$cur\"); return ;;\n", f.Name, strings.ReplaceAll(f.Enum, ",", " "))
			case f.PlaceHolder == "FILE":
				fmt.Fprintf(b, "\t--%s) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n", f.Name)
			case f.PlaceHolder == "DIR":
				fmt.Fprintf(b, "\t--%s) mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n", f.Name)
			}
		}
	}
	b.WriteString("\tesac\n\tcase \"$path\" in\n")
	for _, c := range commands(app.Node, nil) {
		var words []string
		for _, n := range c.Children {
			if !n.Hidden {
				words = append(words, n.Name)
			}
		}
		for _, f := range c.flags() {
			words = append(words, "--"+f.Name)
		}
		path := strings.Join(c.words, " ")
		if path != "" {
			path = " " + path
		}
		for _, p := range c.Positional {
			if p.Enum != "" {
				words = append(words, strings.Split(p.Enum, ",")...)
			}
		}
		fmt.Fprintf(b, "\t%q) words=%q ;;\n", path, strings.Join(words, " "))
	}
	fmt.Fprintf(b, "\tesac\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\ncomplete -F _streamdal_server %s\n", app.Name)
}

func fish(b *strings.Builder, app *kong.Application) {
	fmt.Fprintf(b, "# Completions for %s.\ncomplete -c %s -f\n", app.Name, app.Name)
	quote := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	for _, c := range commands(app.Node, nil) {
		var children []string
		for _, n := range c.Children {
			children = append(children, n.Name)
		}
		when := "__fish_use_subcommand"
		if len(c.words) > 0 {
			when = "__fish_seen_subcommand_from " + strings.Join(c.words, "; and __fish_seen_subcommand_from ")
		}
		for _, n := range c.Children {
			if !n.Hidden {
				not := when
				if len(c.words) > 0 {
					not += "; and not __fish_seen_subcommand_from " + strings.Join(children, " ")
				}
				fmt.Fprintf(b, "complete -c %s -n %s -a %s -d %s\n", app.Name, quote(not), n.Name, quote(n.Help))
			}
		}
		for _, f := range c.Flags {
			if f.Hidden {
				continue
			}
			fmt.Fprintf(b, "complete -c %s -l %s", app.Name, f.Name)
			if len(c.words) > 0 {
				fmt.Fprintf(b, " -n %s", quote(when))
			}
			if f.Short != 0 {
				fmt.Fprintf(b, " -s %c", f.Short)
			}
			switch {
			case f.Enum != "":
				fmt.Fprintf(b, " -x -a %s", quote(strings.ReplaceAll(f.Enum, ",", " ")))
			case f.PlaceHolder == "FILE" || f.PlaceHolder == "DIR":
				b.WriteString(" -r -F")
			case !f.IsBool():
				b.WriteString(" -x")
			}
			fmt.Fprintf(b, " -d %s\n", quote(f.Help))
		}
	}
}
