package wasmbuild

import (
	"bytes"
	"encoding/json"
	"slices"
)

// The operators of a query, as the kernel knows them.
var queryOps = map[string]uint32{"": 0, "=": 1, "==": 1, "!=": 2, "<": 3, "<=": 4, ">": 5, ">=": 6, "%": 7, "!%": 8}

// queryTruth marks a query that turns its left side into true or false first.
const queryTruth = 16

// planPath makes text the path that the kernel's find follows. Paths of plain
// keys and indexes get by with little code, and so on.
func planPath(r *rule, text string) error {
	steps, err := parsePath(text)
	if err != nil {
		return err
	}
	r.set["Path"] = layOutPath(r, steps)
	r.bind["find"] = finder(steps)
	bindRare(r, steps)
	return nil
}

// bindRare has the kernel do what seldom occurs in paths only if it does in these.
func bindRare(r *rule, paths ...[]pathStep) {
	r.bind["modify"], r.bind["fulfils"] = "modifyNone", "fulfilsNone"
	if slices.ContainsFunc(paths, modifies) {
		r.bind["modify"] = "modifyAny"
	}
	if slices.ContainsFunc(paths, queries) {
		r.bind["fulfils"] = "fulfilsAny"
	}
}

// queries says whether a query occurs anywhere in the steps.
func queries(steps []pathStep) bool {
	return slices.ContainsFunc(steps, func(s pathStep) bool {
		return s.query != nil || queries(s.rest) || slices.ContainsFunc(s.parts, func(p pathPart) bool { return queries(p.path) })
	})
}

// modifies says whether a modifier occurs anywhere in the steps.
func modifies(steps []pathStep) bool {
	return slices.ContainsFunc(steps, func(s pathStep) bool {
		return s.op == opModifier || modifies(s.rest) || s.query != nil && modifies(s.query.left) ||
			slices.ContainsFunc(s.parts, func(p pathPart) bool { return modifies(p.path) })
	})
}

// finder is the smallest kernel function that can follow the path.
func finder(steps []pathStep) string {
	name := "findKeys"
	for _, s := range steps {
		switch s.op {
		case opKey:
		case opPattern:
			name = "findPatterns"
		default:
			return "findAny"
		}
	}
	return name
}

// layOutPath puts the steps' program into the rule's data and returns its address.
func layOutPath(r *rule, steps []pathStep) uint32 {
	program := make([]uint32, 0, 4*len(steps)+4)
	for _, s := range steps {
		step := [4]uint32{s.op, 0, uint32(len(s.text)), s.index}
		switch s.op {
		case opKey, opPattern:
			step[1] = r.data.String(s.text)
		case opEach:
			step[1] = layOutPath(r, s.rest)
		case opFirst, opAll:
			step[1] = layOutQuery(r, s.query)
			if s.rest != nil {
				step[2] = layOutPath(r, s.rest)
			}
			if s.text != "" {
				step[3] = r.data.String(s.text)
			}
		case opModifier:
			step[1] = layOutArgument(r, s)
		case opObject, opArray:
			step[1], step[2] = layOutParts(r, s.parts), uint32(len(s.parts))
		}
		program = append(program, step[:]...)
	}
	r.data.Align(16)
	return r.data.U32(append(program, opEnd, 0, 0, 0)...)
}

// layOutQuery puts {left, op, right, length, low, high} into the rule's data: the
// last two are the interval in which a number fulfils the condition (for != it must not).
func layOutQuery(r *rule, q *pathQuery) uint32 {
	left, op := uint32(0), queryOps[q.op]
	if q.left != nil {
		left = layOutPath(r, q.left)
	}
	if q.truth {
		op |= queryTruth
	}
	f, reason := parseFloat(q.right)
	if reason != "" {
		f = 0
	}
	is := compare("=", f)
	switch q.op {
	case "<", "<=", ">", ">=":
		is = compare(q.op, f)
	}
	right := r.data.String(q.right)
	low, high := is.low.layOut(r), is.high.layOut(r)
	return r.data.U32(left, op, right, uint32(len(q.right)), low, high)
}

// layOutParts puts {name as JSON, length, path} for each part into the rule's data.
func layOutParts(r *rule, parts []pathPart) uint32 {
	var table []uint32
	for _, part := range parts {
		name := quote(part.name)
		table = append(table, r.data.String(name), uint32(len(name)), layOutPath(r, part.path))
	}
	r.data.Align(4)
	return r.data.U32(table...)
}

// quote writes a string as JSON, with no more escapes than JSON needs.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // strings always encode
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// How @pretty writes when its argument does not say otherwise.
const (
	prettyIndent = "  "
	prettyWidth  = 80
	// maxPrettyStyle bounds indent and prefix, which are written on every line.
	maxPrettyStyle = 64
	maxPrettyWidth = 1000
)

// modifierArgument is what the modifiers know; others are ignored, as is an argument that is no JSON.
type modifierArgument struct {
	Deep, Preserve bool
	SortKeys       bool
	Indent, Prefix *string
	Width          *int
}

// parseArgument reads a modifier's argument.
func parseArgument(text string) modifierArgument {
	var a modifierArgument
	if json.Unmarshal([]byte(text), &a) != nil {
		return modifierArgument{}
	}
	return a
}

// checkArgument refuses what @pretty cannot do.
func checkArgument(text string) error {
	a := parseArgument(text)
	switch {
	case a.SortKeys:
		return refuse("The path modifier @pretty cannot sort keys; leave sortKeys out of its argument.")
	case a.Indent != nil && len(*a.Indent) > maxPrettyStyle, a.Prefix != nil && len(*a.Prefix) > maxPrettyStyle:
		return refuse("The path modifier @pretty takes at most %d bytes as indent and prefix; use shorter ones.", maxPrettyStyle)
	}
	return nil
}

// layOutArgument turns a modifier's argument into the number that the kernel
// wants: 1 for deep or preserve, or the address of @pretty's style.
func layOutArgument(r *rule, s pathStep) uint32 {
	a := parseArgument(s.text)
	if s.index != modifiers["pretty"] {
		if a.Deep || a.Preserve {
			return 1
		}
		return 0
	}
	indent, prefix, width := prettyIndent, "", prettyWidth
	if a.Indent != nil {
		indent = *a.Indent
	}
	if a.Prefix != nil {
		prefix = *a.Prefix
	}
	if a.Width != nil {
		width = min(max(*a.Width, 0), maxPrettyWidth)
	}
	x, y := r.data.String(indent), r.data.String(prefix)
	return r.data.U32(x, uint32(len(indent)), y, uint32(len(prefix)), uint32(width))
}
