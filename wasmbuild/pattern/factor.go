package pattern

import "slices"

// maxFactored bounds the spans of sets that are compared: letters in both cases
// have fewer, and it is words that factor is for.
const maxFactored = 4

// factor brings branches that begin alike together: ab|ac becomes a(?:b|c). It
// keeps lists of words small. Their order does not matter to what is matched.
func factor(branches []*node) []*node {
	groups := map[string][]*node{}
	var order []string
	var others []*node
	for _, n := range branches {
		first := n.parts()[0]
		if first.kind != kindSet || len(first.set) > maxFactored {
			others = append(others, n)
			continue
		}
		key := first.set.key()
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], n)
	}
	var factored []*node
	for _, key := range order {
		factored = append(factored, join(groups[key]))
	}
	return append(factored, others...)
}

// join makes one node of branches whose first parts are alike.
func join(branches []*node) *node {
	if len(branches) == 1 {
		return branches[0]
	}
	parts := branches[0].parts()
	n := 1
	for same(branches, n) {
		n++
	}
	rests := make([]*node, len(branches))
	for i, b := range branches {
		rests[i] = sequence(b.parts()[n:])
	}
	return sequence(append(append([]*node(nil), parts[:n]...), alternate(rests)))
}

// same says whether the branches have the same set in the place i.
func same(branches []*node, i int) bool {
	var want set
	for j, b := range branches {
		parts := b.parts()
		if i >= len(parts) || parts[i].kind != kindSet || len(parts[i].set) > maxFactored {
			return false
		}
		if j == 0 {
			want = parts[i].set
		} else if !slices.Equal(want, parts[i].set) {
			return false
		}
	}
	return true
}

// parts are the nodes that follow each other in n.
func (n *node) parts() []*node {
	if n.kind == kindSequence {
		return n.subs
	}
	return []*node{n}
}
