package wasmbuild

import (
	"strconv"
	"strings"
)

// noIndex is the index of a path step that is no array index.
const noIndex = 0xffffffff

// maxPathNesting bounds queries within queries and multipaths within multipaths.
const maxPathNesting = 32

// The operations of a path's program, as the kernel knows them.
const (
	opEnd = iota
	opKey
	opPattern
	opCount
	opEach
	opFirst
	opAll
	opModifier
	opObject
	opArray
	opLines
	opNever
)

// pathStep is one component of a path.
type pathStep struct {
	op    uint32
	text  string     // opKey: the key; opPattern: the pattern; opModifier: its argument
	index uint32     // opKey: the array index it may also mean, or noIndex; opModifier: which
	rest  []pathStep // opEach, opAll: what is looked up in each element
	query *pathQuery // opFirst, opAll
	parts []pathPart // opObject, opArray

	source string // as it is written
	piped  bool   // a pipe precedes it
}

// pathPart is a path within a multipath.
type pathPart struct {
	name string // opObject: the member's name
	path []pathStep
}

// parsePath turns a path into its steps. Every text is a path: what makes no
// sense leads nowhere. Only excessive nesting is an error.
func parsePath(text string) ([]pathStep, error) {
	p := &pathParser{text: text}
	var steps []pathStep
	if rest, ok := strings.CutPrefix(text, ".."); ok {
		p.text = rest
		steps = append(steps, pathStep{op: opLines})
		if rest == "" {
			return steps, nil
		}
	}
	more := p.sequence(false)
	if p.refused != nil {
		return nil, p.refused
	}
	if p.tooDeep {
		return nil, refuse("The path %.80q nests more than %d levels; use a simpler one.", text, maxPathNesting)
	}
	return append(steps, more...), nil
}

type pathParser struct {
	text    string
	at      int
	nesting int
	tooDeep bool
	refused error // a modifier's argument that is not supported
}

// sub parses a path of its own within this one.
func (p *pathParser) sub(text string) []pathStep {
	q := &pathParser{text: text, nesting: p.nesting + 1}
	if q.nesting > maxPathNesting {
		p.tooDeep = true
		return nil
	}
	steps := q.sequence(false)
	p.tooDeep = p.tooDeep || q.tooDeep
	if p.refused == nil {
		p.refused = q.refused
	}
	return steps
}

// sequence parses components up to the end of the text. In a group, which
// follows # and applies to each element, it stops at a pipe.
func (p *pathParser) sequence(group bool) []pathStep {
	var steps []pathStep
	for {
		if group && p.nesting > maxPathNesting {
			p.tooDeep = true
			return steps
		}
		start := p.at
		step := p.component()
		step.piped = start > 0 && p.text[start-1] == '|'
		if step.source == "" {
			step.source = p.text[start:p.at]
		}
		steps = append(steps, step)
		if p.at >= len(p.text) || group && p.text[p.at] == '|' {
			return steps
		}
		p.at++ // the separator
	}
}

// component parses one component and stops at the separator after it.
func (p *pathParser) component() pathStep {
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "@"):
		if step, ok := p.modifier(); ok {
			return step
		}
	case strings.HasPrefix(rest, "{"), strings.HasPrefix(rest, "["):
		if step, ok := p.multipath(); ok {
			return step
		}
	case strings.HasPrefix(rest, "#"):
		if step, ok := p.elements(); ok {
			return step
		}
	}
	return p.key()
}

// key parses an object key, wildcard pattern or array index.
func (p *pathParser) key() pathStep {
	var key, pattern strings.Builder
	start, wild := p.at, false
	for ; p.at < len(p.text); p.at++ {
		c := p.text[p.at]
		if c == '.' || c == '|' {
			break
		}
		pattern.WriteByte(c)
		switch c {
		case '\\':
			p.at++
			if p.at == len(p.text) {
				return pathStep{op: opNever}
			}
			c = p.text[p.at]
			pattern.WriteByte(c)
		case '*', '?':
			wild = true
		}
		key.WriteByte(c)
	}
	if wild {
		return pathStep{op: opPattern, text: pattern.String(), index: noIndex}
	}
	return pathStep{op: opKey, text: key.String(), index: arrayIndex(p.text[start:p.at])}
}

// arrayIndex is the index that a component means in an array.
func arrayIndex(s string) uint32 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n >= noIndex {
		return noIndex
	}
	return uint32(n)
}

// elements parses a component that starts with #.
func (p *pathParser) elements() (pathStep, bool) {
	start := p.at
	step := pathStep{op: opCount}
	p.at++
	if p.at < len(p.text) && p.text[p.at] == '(' {
		inner, ok := p.enclosed()
		if !ok {
			p.at = len(p.text)
			return pathStep{op: opNever}, true
		}
		step = pathStep{op: opFirst, query: p.parseQuery(inner)}
		if p.at < len(p.text) && p.text[p.at] == '#' {
			step.op = opAll
			p.at++
		}
	}
	if p.at < len(p.text) && p.text[p.at] != '.' && p.text[p.at] != '|' {
		p.at = start
		return step, false // a key that happens to start with #
	}
	step.source = p.text[start:p.at]
	if step.op != opFirst && p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		p.nesting++
		step.rest = p.sequence(true)
		p.nesting--
		if step.op == opCount {
			step.op = opEach
		}
	}
	return step, true
}

// enclosed returns what stands between the bracket here and the one that closes
// it, and moves behind that. Brackets in quotes do not count.
func (p *pathParser) enclosed() (inner string, ok bool) {
	start, depth, quoted := p.at, 0, false
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\\':
			p.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
			if depth == 0 {
				p.at++
				return p.text[start+1 : p.at-1], true
			}
		}
	}
	p.at = start
	return "", false
}
