package pattern

import (
	"strings"
	"unicode"
)

// group reads what follows a "(" at the offset start; nil for flags.
func (p *parser) group(start int) *node {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		p.fail(start, "groups nest deeper than %d levels; use fewer of them", maxNesting)
		return nil
	}
	outer := p.flags
	if p.take("?") {
		if done, ok := p.groupKind(start); done || !ok {
			return nil
		}
	}
	n := p.alternation()
	if !p.take(")") {
		p.fail(start, `the group is not closed; add a ")"`)
		return nil
	}
	p.flags = outer
	return n
}

// groupKind reads what stands between "(?" and a group's content. done says that
// there is no content, since the flags are for the rest of the group around.
func (p *parser) groupKind(start int) (done, ok bool) {
	for _, c := range []string{"=", "!", "<=", "<!"} {
		if strings.HasPrefix(p.text[p.pos:], c) {
			p.fail(start, "look-ahead and look-behind are not supported; express the rule without them, or with several steps")
			return false, false
		}
	}
	if p.take("P=") || p.take("P>") {
		p.fail(start, "back-references are not supported; express the rule without them")
		return false, false
	}
	if p.take("<") || p.syntax == Rust && p.take("P<") {
		return false, p.groupName()
	}
	if p.syntax == ECMA {
		if p.take(":") {
			return false, true
		}
		p.fail(start, "this kind of group is not known; use (...), (?:...) or (?<name>...)")
		return false, false
	}
	return p.groupFlags(start)
}

// groupName reads a name up to its ">".
func (p *parser) groupName() bool {
	start := p.pos
	for first := true; !p.take(">"); first = false {
		c := p.next()
		letter := c == '_' || unicode.IsLetter(c)
		more := unicode.IsDigit(c) || c == '.' || c == '[' || c == ']' || c == '$' && p.syntax == ECMA
		switch {
		case c < 0:
			p.fail(start, `the group's name has no end; add a ">"`)
			return false
		case !letter && (first || !more):
			p.fail(start, "a group's name is made of letters, digits and _, and does not begin with a digit")
			return false
		}
	}
	name := p.text[start : p.pos-1]
	switch {
	case name == "":
		p.fail(start, "the group's name is empty; write one between < and >")
		return false
	case p.names[name]:
		p.fail(start, "two groups have the name %q; give each its own", name)
		return false
	}
	p.names[name] = true
	return true
}

// groupFlags reads flags up to a ":" or ")".
func (p *parser) groupFlags(start int) (done, ok bool) {
	set, seen, first := p.flags, "", p.pos
	value := true
	for {
		at := p.pos
		c := p.next()
		switch {
		case c < 0:
			p.fail(start, `the group is not closed; add a ")"`)
			return false, false
		case c == ':' || c == ')':
			if !value && strings.HasSuffix(seen, "-") {
				p.fail(at, `a flag must follow the "-"`)
				return false, false
			}
			if c == ')' && at == first {
				p.fail(first-1, `"?" has nothing to repeat; put something before it or write \?`)
				return false, false
			}
			p.flags = set
			return c == ')', true
		case strings.ContainsRune(seen, c):
			p.fail(at, `"%c" is there twice; remove one`, c)
			return false, false
		}
		seen += string(c)
		if c == '-' {
			value = false
		} else if !set.put(c, value) {
			p.fail(at, `"%c" is no flag; the flags are i, m, s, R, U, u and x`, c)
			return false, false
		}
	}
}

// put sets a flag, or says that there is no such flag.
func (f *flags) put(c rune, value bool) bool {
	switch c {
	case 'i':
		f.fold = value
	case 'm':
		f.lines = value
	case 's':
		f.dotAll = value
	case 'R':
		f.crlf = value
	case 'u':
		f.ascii = !value
	case 'x':
		f.extended = value
	case 'U': // what is greedy makes no difference
	default:
		return false
	}
	return true
}
