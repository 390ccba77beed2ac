// Package keywords knows what members that hold personal or secret data are
// called, and lays that knowledge out for the kernel.
//
// A keyword is a name (credit_card) or, with dots in it, a path (github.token).
// Find is what the kernel does with them, as plain Go.
package keywords

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed keywords.txt
var source string

// Keyword is what a member may be called, and the kind of data that it then holds.
type Keyword struct {
	Text   string // a name, or a path whose parts are joined by dots
	Entity string // "Person", "Credentials"
}

// IsPath says whether the keyword names a member together with those it lies in.
func (k Keyword) IsPath() bool { return strings.Contains(k.Text, ".") }

// List is all keywords. None is there twice, and all are in lower case.
func List() []Keyword { return slices.Clone(list()) }

var list = sync.OnceValue(parse)

func parse() []Keyword {
	var list []Keyword
	entity := ""
	for line := range strings.Lines(source) {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			for _, text := range strings.Fields(line) {
				list = append(list, Keyword{text, entity})
			}
		default:
			entity = strings.TrimSpace(line)
		}
	}
	return list
}

// forms are the ways to write a name: as it is, and without underscores.
func (k Keyword) forms() []string {
	short := strings.ReplaceAll(k.Text, "_", "")
	if short == k.Text {
		return []string{k.Text}
	}
	return []string{k.Text, short}
}
