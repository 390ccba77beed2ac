package wasmbuild

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// branch is a node of what the reference extracts.
type branch struct {
	list    bool
	value   string // as JSON; "" for none
	order   int    // when flattening, of the path that it comes from
	members map[string]*branch
	spots   map[int]*branch // a list's elements by where they are
}

func newBranch() *branch { return &branch{members: map[string]*branch{}, spots: map[int]*branch{}} }

// step goes on to a member, or to the element at a place if b is a list in the end.
func (b *branch) step(name string, s *spot) *branch {
	at := s.start
	kid := b.spots[at]
	if kid == nil {
		kid = newBranch()
		if same := b.members[name]; same != nil && name != noName {
			kid = same
		}
		b.spots[at] = kid
	}
	if b.members[name] == nil {
		b.members[name] = kid
	}
	return kid
}

// noName is the name of what is only an element.
const noName = "\x00element"

// print is the branch as JSON; "" if there is nothing.
func (b *branch) print() string {
	if b.value != "" {
		return b.value
	}
	var parts []string
	if b.list {
		var places []int
		for at := range b.spots {
			places = append(places, at)
		}
		sort.Ints(places)
		for _, at := range places {
			if text := b.spots[at].print(); text != "" {
				parts = append(parts, text)
			}
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	var names []string
	for name := range b.members {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if text := b.members[name].print(); text != "" {
			parts = append(parts, minimal(name)+":"+text)
		}
	}
	if parts == nil {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// reprint is a value without white space, its members sorted, the last of each name.
func reprint(text string) string { return reprintNode(parseNode([]byte(text))) }

func reprintNode(n *node) string {
	var parts []string
	switch n.kind {
	case '"':
		return minimal(n.text)
	case '[':
		for _, kid := range n.kids {
			parts = append(parts, reprintNode(kid))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case '{':
		last := map[string]string{}
		for i, key := range n.keys {
			last[key] = reprintNode(n.kids[i])
		}
		for key, value := range last {
			parts = append(parts, minimal(key)+"\x00"+key+"\x00"+value)
		}
		slices.SortFunc(parts, func(a, b string) int {
			return strings.Compare(strings.Split(a, "\x00")[1], strings.Split(b, "\x00")[1])
		})
		for i, part := range parts {
			fields := strings.Split(part, "\x00")
			parts[i] = fields[0] + ":" + fields[2]
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return n.raw
}

// extracted is the reference for EXTRACT by the paths, none of which has modifiers or pipes.
func extracted(doc string, paths []string, flat bool) string {
	root := newBranch()
	s := parseSpots(doc, 0)
	for i, text := range paths {
		path, err := parsePath(text)
		if err != nil {
			panic(err)
		}
		visit := func(names []string, collects bool, places []*spot) {
			at := root
			value := reprint(places[len(places)-1].text)
			if flat {
				flatten(root, names[len(names)-1], i, collects, value)
				return
			}
			for k, name := range names {
				at = at.step(name, places[k])
			}
			at.value = value
		}
		if flat && wildcards(path) == 0 {
			if v := lookUp(parseNode([]byte(doc)), path); v != nil {
				names := memberNames(path)
				flatten(root, names[len(names)-1], i, false, reprint(v.raw))
			}
			continue
		}
		lists := func(names []string, places []*spot) {
			at := root
			for k, name := range names {
				at = at.step(name, places[k])
			}
			at.list = true
		}
		if flat {
			lists = func([]string, []*spot) {}
		}
		expand(s, path, nil, nil, false, visit, lists)
	}
	if text := root.print(); text != "" {
		return text
	}
	return "{}"
}

// flatten adds a value to the members of one object.
func flatten(root *branch, name string, order int, collects bool, value string) {
	b := root.members[name]
	if b == nil || b.order != order || !collects {
		b = newBranch()
		b.order = order
		root.members[name] = b
	}
	if !collects {
		b.value = value
		return
	}
	b.list = true
	kid := newBranch()
	kid.value = value
	b.spots[len(b.spots)] = kid
}

// expand visits the places that a path leads to, with the names and places on
// the way, and the arrays on the way whose elements are meant.
func expand(s *spot, path []pathStep, names []string, places []*spot, collects bool, visit func([]string, bool, []*spot), lists func([]string, []*spot)) {
	if len(path) == 0 {
		visit(names, collects, places)
		return
	}
	step, rest := path[0], path[1:]
	next := func(name string, kid *spot, rest []pathStep) {
		if kid != nil {
			expand(kid, rest, append(slices.Clone(names), name), append(slices.Clone(places), kid), collects, visit, lists)
		}
	}
	array := s.text[0] == '['
	switch {
	case step.op == opKey && array:
		if step.index < uint32(len(s.kids)) {
			next(step.text, s.kids[step.index], rest)
		}
	case step.op == opKey:
		next(step.text, s.member(func(key string) bool { return key == step.text }), rest)
	case step.op == opPattern:
		for i, key := range s.keys {
			if likePattern(key, step.text) {
				next(key, s.kids[i], rest)
			}
		}
	case step.op == opFirst && array:
		i := slices.IndexFunc(s.kids, func(kid *spot) bool { return fulfils(parseNode([]byte(kid.text)), step.query) })
		if i >= 0 {
			next(step.source, s.kids[i], rest)
		}
	case array && step.op != opFirst:
		lists(names, places)
		collects = true
		for _, kid := range s.kids {
			if step.op == opEach || step.op == opAll && fulfils(parseNode([]byte(kid.text)), step.query) {
				next(noName+strconv.Itoa(kid.start), kid, step.rest)
			}
		}
	case step.op == opEach || step.op == opCount:
		next("#", s.member(func(key string) bool { return key == "#" }), step.rest)
	}
}
