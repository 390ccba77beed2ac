package wasmbuild

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// node is a JSON value of the reference implementation: a plain tree.
type node struct {
	kind byte // first byte of the value; '0' for numbers
	raw  string
	text string // the value's text form
	keys []string
	kids []*node
}

// parseNode reads valid JSON.
func parseNode(raw []byte) *node {
	raw = bytes.TrimSpace(raw)
	n := &node{kind: raw[0], raw: string(raw), text: string(raw)}
	switch n.kind {
	case '"':
		if err := json.Unmarshal(raw, &n.text); err != nil {
			panic(err)
		}
	case '{', '[':
		d := json.NewDecoder(bytes.NewReader(raw))
		next := func() json.Token {
			token, err := d.Token()
			if err != nil {
				panic(err)
			}
			return token
		}
		next()
		for d.More() {
			if n.kind == '{' {
				n.keys = append(n.keys, next().(string))
			}
			var kid json.RawMessage
			if err := d.Decode(&kid); err != nil {
				panic(err)
			}
			n.kids = append(n.kids, parseNode(kid))
		}
	case 'n':
		n.text = ""
	case 't', 'f':
	default:
		n.kind = '0'
	}
	return n
}

// number is the value's float64 form.
func (n *node) number() float64 {
	switch n.kind {
	case 't':
		return 1
	case '"', '0':
		if f, reason := parseFloat(n.text); reason == "" {
			return f
		}
	}
	return 0
}

func (n *node) member(match func(key string) bool) *node {
	for i, k := range n.keys {
		if match(k) {
			return n.kids[i]
		}
	}
	return nil
}

// lookUp follows a path; nil where it leads nowhere.
func lookUp(n *node, path []pathStep) *node {
	for _, s := range path {
		if n = lookUpStep(n, s); n == nil {
			return nil
		}
	}
	return n
}

func lookUpStep(n *node, s pathStep) *node {
	switch s.op {
	case opKey:
		if n.kind == '[' {
			if s.index < uint32(len(n.kids)) {
				return n.kids[s.index]
			}
			return nil
		}
		return n.member(func(key string) bool { return key == s.text })
	case opPattern:
		return n.member(func(key string) bool { return likePattern(key, s.text) })
	case opCount:
		if n.kind == '[' {
			return parseNode([]byte(strconv.Itoa(len(n.kids))))
		}
		return n.member(func(key string) bool { return key == "#" })
	case opEach:
		if n.kind == '[' {
			return gather(n, nil, s.rest)
		}
		if n = n.member(func(key string) bool { return key == "#" }); n != nil {
			return lookUp(n, s.rest)
		}
		return nil
	case opFirst, opAll:
		if n.kind != '[' {
			return nil
		}
		if s.op == opAll {
			return gather(n, s.query, s.rest)
		}
		for _, kid := range n.kids {
			if fulfils(kid, s.query) {
				return kid
			}
		}
	}
	return nil
}

// gather is the array of what rest leads to in the elements that fulfil a query.
func gather(n *node, query *pathQuery, rest []pathStep) *node {
	var found []string
	for _, kid := range n.kids {
		if query != nil && !fulfils(kid, query) {
			continue
		}
		if v := lookUp(kid, rest); v != nil {
			found = append(found, v.raw)
		}
	}
	return parseNode([]byte("[" + strings.Join(found, ",") + "]"))
}

func fulfils(n *node, q *pathQuery) bool {
	if n = lookUp(n, q.left); n == nil || q.op == "" {
		return n != nil
	}
	op, kind := q.op, n.kind
	if q.truth {
		kind = 'f'
		integer := math.Trunc(n.number())
		if n.kind == 't' || (n.kind == '"' || n.kind == '0') && (integer != 0 && integer == integer ||
			strings.Contains(" t T true TRUE True ", " "+n.text+" ")) {
			kind = 't'
		}
	}
	switch kind {
	case '"':
		if strings.HasSuffix(op, "%") {
			return likePattern(n.text, q.right) == (op == "%")
		}
		return ordered(strings.Compare(n.text, q.right), op)
	case 't', 'f':
		isTrue := kind == 't'
		switch right := q.right; op {
		case "=", "==":
			return isTrue && right == "true" || !isTrue && right == "false"
		case "!=":
			return (!isTrue || right != "true") && (isTrue || right != "false")
		case "<":
			return !isTrue && right == "true"
		case ">":
			return isTrue && right == "false"
		default:
			return op == "<=" && !isTrue || op == ">=" && isTrue
		}
	case '0':
		right, _ := parseFloat(q.right)
		return compareFloats(n.number(), op, right)
	}
	return false
}

func ordered(c int, op string) bool {
	switch op {
	case "=", "==":
		return c == 0
	case "!=":
		return c != 0
	}
	return c < 0 && op[0] == '<' || c > 0 && op[0] == '>' || c == 0 && len(op) == 2
}

func compareFloats(a float64, op string, b float64) bool {
	switch op {
	case "=", "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return op == ">=" && a >= b
}

// likePattern matches wildcards by trying everything.
func likePattern(s, pattern string) bool {
	if pattern == "" {
		return s == ""
	}
	switch c := pattern[0]; {
	case c == '*':
		return likePattern(s, pattern[1:]) || s != "" && likePattern(s[1:], pattern)
	case s == "":
		return false
	case c == '?':
		return likePattern(s[1:], pattern[1:])
	case c == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
	}
	return s[0] == pattern[0] && likePattern(s[1:], pattern[1:])
}

// found is a match record.
type found struct{ path, value string }

// detect is the reference for detectives with good arguments on valid payloads.
// answer is TRUE, FALSE or an error text.
func detect(root *node, d *steps.DetectiveStep) (matches []found, answer string) {
	path, err := parsePath(d.GetPath())
	if err != nil {
		panic(err)
	}
	if d.GetType() == steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD {
		if (lookUp(root, path) != nil) != d.GetNegate() {
			return []found{{d.GetPath(), ""}}, "TRUE"
		}
		return nil, "FALSE"
	}
	if d.GetPath() == "" {
		matches = detectLeaves(root, noPlace, d, nil)
		if len(matches) > 0 {
			return matches, "TRUE"
		}
		return nil, "FALSE"
	}
	v := lookUp(root, path)
	if v == nil {
		return nil, "error: path '" + d.GetPath() + "' not found in data"
	}
	values := []*node{v}
	if v.kind == '[' && d.GetType() != steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE && d.GetType() != steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY {
		values = v.kids
	}
	for _, value := range values {
		if accepts(value, d) {
			return []found{{d.GetPath(), v.text}}, "TRUE"
		}
	}
	return nil, "FALSE"
}

// noPlace is the root's place, which adds nothing to paths.
const noPlace = "\xff" // no valid key

// detectLeaves tests every leaf but null.
func detectLeaves(n *node, place string, d *steps.DetectiveStep, matches []found) []found {
	for i, kid := range n.kids {
		name := strconv.Itoa(i)
		if n.kind == '{' {
			name = component(n.keys[i])
		}
		if place != noPlace {
			name = place + "." + name
		}
		matches = detectLeaves(kid, name, d, matches)
	}
	if n.kind != '{' && n.kind != '[' && n.kind != 'n' && accepts(n, d) {
		matches = append(matches, found{strings.TrimPrefix(place, noPlace), n.text})
	}
	return matches
}

// component writes a key so that a path leads to it.
func component(key string) string {
	var b strings.Builder
	for i, c := range []byte(key) {
		if strings.IndexByte(`.*?|\`, c) >= 0 || i == 0 && strings.IndexByte("@{[", c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// accepts says whether a value matches, negation included.
func accepts(n *node, d *steps.DetectiveStep) bool {
	return acceptsPlain(n, d) != d.GetNegate()
}

func acceptsPlain(n *node, d *steps.DetectiveStep) bool {
	if f, ok := formatOf(d.GetType()); ok {
		return f.accepts(n.text)
	}
	args := d.GetArgs()
	is := func(arg string) bool { return strings.Contains(n.text, arg) }
	numbers := make([]float64, 2)
	for i := range min(len(args), 2) {
		numbers[i], _ = parseFloat(args[i])
	}
	x := n.number()
	switch d.GetType() {
	case steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL:
		return n.text == args[0]
	case steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY:
		for _, arg := range args {
			if is(arg) {
				return true
			}
		}
		return false
	case steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ALL:
		for _, arg := range args {
			if !is(arg) {
				return false
			}
		}
		return true
	case steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY:
		return n.kind == 'n' || n.kind == '[' && len(n.kids) == 0 || n.kind == '"' && n.text == ""
	case steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE:
		return map[byte]string{'"': "string", '0': "number", 't': "boolean", 'f': "boolean", '[': "array", '{': "object", 'n': "null"}[n.kind] == args[0]
	case steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL:
		return isEmail(n.text)
	case steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD:
		return isCard(n.text)
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_EQUAL_TO:
		return x == numbers[0]
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_THAN, steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_MIN:
		return x > numbers[0]
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_EQUAL:
		return x >= numbers[0]
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_THAN, steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_MAX:
		return x < numbers[0]
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_EQUAL:
		return x <= numbers[0]
	case steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_RANGE:
		return numbers[0] <= x && x <= numbers[1]
	}
	panic("no reference for " + d.GetType().String())
}

// isEmail judges addresses with domains of ASCII and ü.
func isEmail(s string) bool {
	local, domain, ok := strings.Cut(strings.TrimSpace(s), "@")
	if !ok || local == "" || strings.Contains(domain, "@") || !strings.Contains(domain, ".") || len(domain) > 253 {
		return false
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-ü") != "" {
			return false
		}
	}
	return true
}

// isCard checks the Luhn sum from the right.
func isCard(s string) bool {
	digits := strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(s))
	if len(digits) < 13 || len(digits) > 19 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
