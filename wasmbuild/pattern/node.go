package pattern

// kind is what a node of the tree is.
type kind int

const (
	kindEmpty     kind = iota // matches nothing, everywhere
	kindSet                   // one character
	kindLook                  // nothing, where a condition holds
	kindSequence              // one after the other
	kindAlternate             // one of them
	kindRepeat                // sub, min to max times
)

// node is a pattern as a tree. No node but an empty one stands for nothing at
// all: the constructors see to it, and to repetitions of repetitions.
type node struct {
	kind     kind
	set      set
	look     look
	subs     []*node
	min, max int // max is unlimited for an open end
}

// unlimited is the max of an open repetition.
const unlimited = -1

var empty = &node{kind: kindEmpty}

func sequence(list []*node) *node {
	var subs []*node
	for _, n := range list {
		switch n.kind {
		case kindEmpty:
		case kindSequence:
			subs = append(subs, n.subs...)
		default:
			subs = append(subs, n)
		}
	}
	switch len(subs) {
	case 0:
		return empty
	case 1:
		return subs[0]
	}
	return &node{kind: kindSequence, subs: subs}
}

// alternate makes one set of the branches that are sets.
func alternate(list []*node) *node {
	var subs []*node
	var sets []set
	optional, some := false, false // whether a branch is empty, or is not
	for _, n := range list {
		switch n.kind {
		case kindEmpty:
			optional = true
			continue
		case kindSet:
			sets = append(sets, n.set)
		default:
			subs = append(subs, n)
		}
		some = true
	}
	if !some {
		return empty
	}
	if len(subs) > 1 {
		subs = factor(subs)
	}
	if len(sets) > 0 {
		subs = append(subs, &node{kind: kindSet, set: sets[0].union(sets[1:]...)})
	}
	n := subs[0]
	if len(subs) > 1 {
		n = &node{kind: kindAlternate, subs: subs}
	}
	if optional {
		return repeat(n, 0, 1)
	}
	return n
}

func repeat(n *node, least, most int) *node {
	if n.kind == kindEmpty || most == 0 {
		return empty
	}
	if n.kind == kindLook {
		if least == 0 {
			return empty
		}
		return n
	}
	if n.kind == kindRepeat && n.min <= 1 && (n.max == 1 || n.max == unlimited) {
		// x?, x* or x+ again: counting adds up, or does not matter
		if n.max == unlimited || most == unlimited {
			most = unlimited
		}
		return repeat(n.subs[0], least*n.min, most)
	}
	if least == 1 && most == 1 {
		return n
	}
	return &node{kind: kindRepeat, subs: []*node{n}, min: least, max: most}
}
