package pattern

import (
	"strings"
	"unicode/utf8"
)

// maxLiteral bounds the literal that a counted repetition is written out to.
const maxLiteral = 256

// literal returns the longest text found that every match contains, and whether
// nothing but this text matches.
func literal(n *node) (text string, only bool) {
	f := fixed(n)
	return f.best, f.whole && !f.looks
}

// found is what is known about the texts that a node matches.
type found struct {
	whole bool   // it matches just best
	looks bool   // where certain conditions hold
	best  string // is in all of them
}

func fixed(n *node) found {
	switch n.kind {
	case kindEmpty:
		return found{whole: true}
	case kindLook:
		return found{whole: true, looks: true}
	case kindSet:
		// what counts as a replacement character need not be written as one
		if c, ok := n.set.single(); ok && c != utf8.RuneError {
			return found{whole: true, best: string(c)}
		}
	case kindSequence:
		return fixedSequence(n.subs)
	case kindRepeat:
		f := fixed(n.subs[0])
		if n.min == 0 {
			return found{}
		}
		if f.whole && f.best != "" && n.min*len(f.best) <= maxLiteral {
			f.best = strings.Repeat(f.best, n.min)
		} else {
			f.whole = false
		}
		f.whole = f.whole && n.min == n.max
		return f
	}
	return found{}
}

func fixedSequence(subs []*node) found {
	all := found{whole: true}
	var run []byte // what the texts have next to each other
	for _, n := range subs {
		f := fixed(n)
		all.looks = all.looks || f.looks
		if f.whole {
			run = append(run, f.best...)
			continue
		}
		all.keep(string(run))
		all.keep(f.best)
		all.whole, run = false, run[:0]
	}
	all.keep(string(run))
	return all
}

// keep makes text the best one if it is longer.
func (f *found) keep(text string) {
	if len(text) > len(f.best) {
		f.best = text
	}
}
