package inspect

import (
	"strings"

	"github.com/streamdal/streamdal-server/store"
)

// Pattern chooses records by their "kind/id". "*" stands for any text, "?" for one
// character. The zero Pattern matches everything.
type Pattern struct {
	kind store.Kind // when the pattern names one; it then matches no other
	text string     // over "kind/id"; empty matches all
}

// ParsePattern reads a pattern. A text without "/" and wildcards is a kind.
func ParsePattern(s string) Pattern {
	kind, _, hasID := strings.Cut(s, "/")
	p := Pattern{text: s}
	if !strings.ContainsAny(kind, "*?") {
		p.kind = store.Kind(kind)
		if !hasID {
			p.text = ""
		}
	}
	return p
}

// Match reports whether the pattern chooses a key.
func (p Pattern) Match(k store.Key) bool {
	if p.kind != "" && p.kind != k.Kind {
		return false
	}
	return p.text == "" || glob([]rune(p.text), []rune(k.String()))
}

// glob goes back to the last star only, so its cost is at most the product of the lengths.
func glob(pattern, text []rune) bool {
	p, t := 0, 0
	star, after := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, after = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			after++
			p, t = star+1, after
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
