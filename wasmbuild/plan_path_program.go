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
	r.bind["find"], r.bind["modify"] = finder(steps), "modifyNone"
	if modifies(steps) {
		r.bind["modify"] = "modifyAny"
	}
	return nil
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
		case opModifier:
			step[1], step[2] = layOutArgument(r, s)
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

// layOutArgument turns a modifier's argument into the numbers that the kernel wants.
func layOutArgument(r *rule, s pathStep) (a, b uint32) {
	var args struct {
		Deep, Preserve, SortKeys bool
		Indent, Prefix           *string
		Width                    *int
	}
	if s.text == "" || json.Unmarshal([]byte(s.text), &args) != nil {
		return 0, 0
	}
	if args.Deep || args.Preserve {
		a = 1
	}
	return a, 0
}
