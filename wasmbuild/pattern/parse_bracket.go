package pattern

import "strings"

// bracket reads what follows a "[" at the offset start.
func (p *parser) bracket(start int) set {
	var s set
	if p.syntax == ECMA {
		s = p.plainBracket(start)
	} else {
		s = p.nestedBracket(start)
	}
	return p.bytesOnly(start, s).set
}

// plainBracket is a bracket of ECMA: neither nested ones nor set operations.
func (p *parser) plainBracket(start int) set {
	negated := p.take("^")
	var s []set
	for !p.take("]") {
		if p.eof() {
			p.fail(start, `the bracket is not closed; add a "]"`)
			return nil
		}
		s = append(s, p.bracketItem())
	}
	return p.finish(negated, set(nil).union(s...))
}

// finish adds other cases, then negates.
func (p *parser) finish(negated bool, s set) set {
	s = p.folded(s)
	if negated {
		s = p.count(s.negate())
	}
	return s
}

// nestedBracket is a bracket of Rust: items, brackets and classes side by side are
// united first; then &&, -- and ~~ apply from left to right.
func (p *parser) nestedBracket(start int) set {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		p.fail(start, "brackets nest deeper than %d levels; use fewer of them", maxNesting)
		return nil
	}
	p.space()
	negated := p.take("^")
	items := p.leading()
	var result set
	operator := ""
	for {
		p.space()
		at := p.pos
		next := p.operator()
		closed := next == "" && p.take("]")
		switch {
		case next != "" || closed:
			operand := p.folded(set(nil).union(items...))
			result = p.count(operate(operator, result, operand))
			operator, items = next, nil
		case p.eof():
			p.fail(start, `the bracket is not closed; add a "]"`)
		case p.take("["):
			if s, ok := p.posixClass(); ok {
				items = append(items, s)
			} else {
				items = append(items, p.nestedBracket(at))
			}
		default:
			items = append(items, p.bracketItem())
		}
		if p.err != nil {
			return nil
		}
		if closed {
			return p.finish(negated, result)
		}
	}
}

// leading reads the hyphens, or the "]", that a bracket may begin with.
func (p *parser) leading() (items []set) {
	for p.space(); p.take("-"); p.space() {
		items = append(items, set{{'-', '-'}})
	}
	if len(items) == 0 && p.take("]") {
		items = append(items, set{{']', ']'}})
	}
	return items
}

// operator reads &&, -- or ~~.
func (p *parser) operator() string {
	for _, o := range []string{"&&", "--", "~~"} {
		if p.take(o) {
			return o
		}
	}
	return ""
}

func operate(operator string, a, b set) set {
	switch operator {
	case "&&":
		return a.intersect(b)
	case "--":
		return a.subtract(b)
	case "~~":
		return a.union(b).subtract(a.intersect(b))
	}
	return b
}

// posixClass reads [:name:] or [:^name:] of which the "[" has been read. What is
// not closed like this, or has another name, is a bracket.
func (p *parser) posixClass() (set, bool) {
	rest, ok := strings.CutPrefix(p.text[p.pos:], ":")
	if !ok {
		return nil, false
	}
	name, _, ok := strings.Cut(rest, ":]")
	class, negated := strings.CutPrefix(name, "^")
	s, known := posix[class]
	if !ok || !known {
		return nil, false
	}
	p.pos += len(":") + len(name) + len(":]")
	if negated {
		s = s.negate()
	}
	return s, true
}

// bracketItem reads a character, a range or a class.
func (p *parser) bracketItem() set {
	start := p.pos
	s, low, ok := p.bracketAtom()
	p.space()
	rest := p.text[p.pos:]
	if p.eof() || rest[0] != '-' || strings.HasPrefix(rest, "-]") || p.syntax == Rust && strings.HasPrefix(rest, "--") {
		return s
	}
	if !ok && p.syntax == ECMA {
		return s // the hyphen is itself
	}
	p.next()
	p.space()
	if p.flags.extended && p.peek() == ']' { // a hyphen, blanks, the end
		return p.count(s.union(set{{'-', '-'}}))
	}
	end := p.pos
	t, high, also := p.bracketAtom()
	switch {
	case p.err != nil:
		return nil
	case !also && p.syntax == ECMA:
		return p.count(s.union(set{{'-', '-'}}, t))
	case !ok:
		p.fail(start, "a range begins with a character, not with a class; put the hyphen first or last if it is meant as itself")
		return nil
	case !also:
		p.fail(end, "a range ends with a character, not with a class; put the hyphen first or last if it is meant as itself")
		return nil
	case high < low:
		p.fail(start, "the range's end comes before its start; exchange them")
		return nil
	}
	return set{{low, high}}
}

// bracketAtom reads a character or a class; ok says that it is the character c.
func (p *parser) bracketAtom() (s set, c rune, ok bool) {
	start := p.pos
	c = p.next()
	if c == '\\' {
		c = p.next()
		if s, ok := p.escapedSet(start, c); ok {
			return s, 0, false
		}
		switch {
		case p.syntax == ECMA && c == 'b':
			return set{{'\b', '\b'}}, '\b', true
		case p.syntax == Rust && strings.ContainsRune("bBAz<>", c):
			p.fail(start, `\%c has no meaning within brackets; remove it`, c)
			return nil, 0, false
		}
		if c, ok = p.escapedChar(start, c); !ok {
			return nil, 0, false
		}
	}
	if c < 0 {
		return nil, 0, false // the bracket is not closed, which its reader says
	}
	return set{{c, c}}, c, true
}
