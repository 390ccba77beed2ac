package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Page writes the manual page, in the man macros.
func Page(w io.Writer, app *kong.Application) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 8 \"\" %s\n.SH NAME\n%s \\- %s\n", strings.ToUpper(app.Name), app.Name, roff(app.Name), roff(sentence(app.Help)))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[\\fIcommand\\fR] [\\fIflags\\fR]\n", roff(app.Name))
	b.WriteString(".SH DESCRIPTION\nA flag goes before its variable in the environment, that before the file of \\fB\\-\\-config\\fR, that before the default.\n.SH COMMANDS\n")
	for _, c := range commands(app.Node, nil)[1:] {
		usage := c.words
		for _, p := range c.Positional {
			usage = append(usage, "<"+p.Name+">")
		}
		fmt.Fprintf(&b, ".SS %s\n%s\n", roff(strings.Join(usage, " ")), roff(c.Help))
		for _, f := range c.Flags {
			if f.Hidden || f.Name == "help" {
				continue
			}
			name := "--" + f.Name
			if f.Short != 0 {
				name = fmt.Sprintf("-%c, %s", f.Short, name)
			}
			if !f.IsBool() {
				name += "=" + f.FormatPlaceHolder()
			}
			fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(name), roff(f.Help))
			for _, env := range f.Envs {
				fmt.Fprintf(&b, "($%s)\n", env)
			}
		}
	}
	b.WriteString(".SH EXIT STATUS\n0 success, also of a server that was told to stop, 1 failure, 2 a crash, 3 inspect has nothing to show, 78 arguments or a configuration that make no sense.\n")
	b.WriteString(".SH SIGNALS\nSIGTERM and SIGINT end streams and stop, with the exit status 0; a second one kills.\nSIGHUP reads the configuration again and takes over \\-\\-log\\-level and the files of TLS; the log names what needs a restart.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// sentence is text in the form of a manual page's first line.
func sentence(s string) string {
	s = strings.TrimSuffix(s, ".")
	return strings.ToLower(s[:1]) + s[1:]
}

func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// Reference writes the flags of a command as a Markdown table.
func Reference(w io.Writer, app *kong.Application, name string) error {
	var b strings.Builder
	b.WriteString("| flag, key | variable | default | meaning |\n| --- | --- | --- | --- |\n")
	for _, n := range app.Children {
		if n.Name != name {
			continue
		}
		for _, f := range n.Flags {
			if f.Hidden || len(f.Envs) == 0 {
				continue
			}
			flag := "--" + f.Name
			if !f.IsBool() {
				flag += " " + f.PlaceHolder
			}
			def := ""
			if f.HasDefault {
				def = "`" + f.Default + "`"
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", strings.TrimSpace(flag), f.Envs[0], def, strings.ReplaceAll(f.Help, "|", "\\|"))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
