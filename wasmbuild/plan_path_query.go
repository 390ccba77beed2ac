package wasmbuild

import (
	"encoding/json"
	"strings"
)

// pathQuery is the condition in #(...).
type pathQuery struct {
	left  []pathStep // nil: the element itself
	op    string     // "": left exists
	truth bool       // left is turned into true or false first
	right string
}

// parseQuery parses what stands between the parentheses.
func (p *pathParser) parseQuery(text string) *pathQuery {
	left, op, right := splitQuery(text)
	q := &pathQuery{op: op}
	if left != "" {
		q.left = p.sub(left)
	}
	if rest, ok := strings.CutPrefix(right, "~"); ok {
		q.truth = true
		right = rest
	}
	if len(right) > 2 && right[0] == '"' && right[len(right)-1] == '"' {
		right = unquote(right)
	}
	q.right = right
	return q
}

// splitQuery finds the operator, which stands outside of nested brackets and quotes.
func splitQuery(text string) (left, op, right string) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case depth > 0:
		case strings.IndexByte("=!<>%", c) >= 0:
			op := operatorAt(text[i:])
			return strings.TrimSpace(text[:i]), op, strings.TrimSpace(text[i+len(op):])
		}
	}
	return strings.TrimSpace(text), "", ""
}

// operatorAt is the longest operator that s starts with.
func operatorAt(s string) string {
	for _, op := range []string{"==", "!=", "<=", ">=", "!%"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return s[:1]
}

// unquote decodes a quoted text; one with bad escapes stays as it is, without the quotes.
func unquote(s string) string {
	var text string
	if json.Unmarshal([]byte(s), &text) != nil {
		return s[1 : len(s)-1]
	}
	return text
}

// modifiers are the known ones, by the kernel's numbers.
var modifiers = map[string]uint32{"this": 0, "reverse": 1, "ugly": 2, "pretty": 3, "valid": 4, "flatten": 5, "join": 6}

// modifier parses @name or @name:argument. An unknown name is a key.
func (p *pathParser) modifier() (pathStep, bool) {
	rest := p.text[p.at+1:]
	end := strings.IndexAny(rest, ":.|")
	if end < 0 {
		end = len(rest)
	}
	which, ok := modifiers[rest[:end]]
	if !ok {
		return pathStep{}, false
	}
	p.at += 1 + end
	step := pathStep{op: opModifier, index: which}
	if p.at < len(p.text) && p.text[p.at] == ':' {
		p.at++
		step.text = p.argument()
		if err := checkArgument(step.text); err != nil && p.refused == nil {
			p.refused = err
		}
	}
	return step, true
}

// argument parses a modifier's argument: a JSON value, or anything up to a pipe.
func (p *pathParser) argument() string {
	start := p.at
	if p.at < len(p.text) && (p.text[p.at] == '{' || p.text[p.at] == '[') {
		if _, ok := p.enclosed(); ok {
			return p.text[start:p.at]
		}
	}
	end := strings.IndexByte(p.text[start:], '|')
	if end < 0 {
		end = len(p.text) - start
	}
	p.at = start + end
	return p.text[start:p.at]
}

// multipath parses {path,"name":path} or [path,path].
func (p *pathParser) multipath() (pathStep, bool) {
	start := p.at
	step := pathStep{op: opArray}
	if p.text[p.at] == '{' {
		step.op = opObject
	}
	inner, ok := p.enclosed()
	if !ok || p.at < len(p.text) && p.text[p.at] != '.' && p.text[p.at] != '|' {
		p.at = start
		return pathStep{}, false
	}
	for _, text := range splitTop(inner, ',') {
		name := ""
		if parts := splitTop(text, ':'); step.op == opObject && len(parts) > 1 && !strings.HasPrefix(text, "@") {
			name, text = partName(parts[0]), text[len(parts[0])+1:]
		} else {
			name = defaultName(text)
		}
		if text != "" {
			step.parts = append(step.parts, pathPart{name: name, path: p.sub(text)})
		}
	}
	return step, true
}

// splitTop splits at sep outside of brackets and quotes.
func splitTop(text string, sep byte) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == sep && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// partName is the name that a multipath gives a member.
func partName(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return unquote(s)
	}
	return s
}

// defaultName is the last component of a path, or _ when that is not simple.
func defaultName(text string) string {
	name := text[strings.LastIndexAny(text, ".|")+1:]
	for _, c := range []byte(name) {
		if c < ' ' || strings.IndexByte(`\*?#@!{}[]()"`, c) >= 0 {
			return "_"
		}
	}
	return name
}
