package pattern

import "strconv"

// maxCount bounds the numbers of a counted repetition. What they multiply to is
// bounded when the pattern is laid out.
const maxCount = 1 << 16

// repetitions reads the repetitions after n. A repetition may be repeated, other
// than in ECMA; lazy ones find the same texts as greedy ones.
func (p *parser) repetitions(n *node) *node {
	for first := true; ; first = false {
		p.space()
		start, least, most := p.pos, 0, unlimited
		switch p.peek() {
		case '*':
			p.next()
		case '+':
			p.next()
			least = 1
		case '?':
			p.next()
			most = 1
		case '{':
			var ok bool
			if least, most, ok = p.counts(); !ok {
				if p.err == nil { // ECMA takes the brace as itself
					p.pos = start
				}
				return n
			}
		default:
			return n
		}
		if p.syntax == ECMA && !first {
			p.fail(start, "a repetition cannot be repeated; put it in a group")
			return n
		}
		p.take("?")
		n = repeat(n, least, most)
	}
}

// counts reads {n}, {n,} or {n,m}. If it cannot, that is an error but for ECMA.
func (p *parser) counts() (least, most int, ok bool) {
	start := p.pos
	p.next()
	least, ok = p.number(start)
	if !ok {
		return 0, 0, false
	}
	most = least
	if p.take(",") {
		p.countSpace()
		if most = unlimited; p.peek() != '}' {
			if most, ok = p.number(start); !ok {
				return 0, 0, false
			}
		}
	}
	if !p.take("}") {
		p.badCount(start, `the counted repetition is not closed; write "{" as \{ if it is meant as itself`)
		return 0, 0, false
	}
	if most != unlimited && most < least {
		p.fail(start, "the counted repetition's most is below its least; exchange the numbers")
		return 0, 0, false
	}
	return least, most, true
}

// number reads a count and the blanks around it.
func (p *parser) number(start int) (n int, ok bool) {
	p.countSpace()
	digits := p.pos
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.next()
	}
	n, err := strconv.Atoi(p.text[digits:p.pos])
	switch {
	case digits == p.pos:
		p.badCount(start, `a counted repetition needs numbers, as in {2,5}; write "{" as \{ if it is meant as itself`)
		return 0, false
	case err != nil || n > maxCount:
		p.fail(digits, "%d is the most that a repetition can count to", maxCount)
		return 0, false
	}
	p.countSpace()
	return n, true
}

func (p *parser) countSpace() {
	for p.syntax == Rust && (p.peek() == ' ' || p.peek() == '\t' || p.peek() == '\n') {
		p.next()
	}
}

func (p *parser) badCount(start int, reason string) {
	if p.syntax != ECMA {
		p.fail(start, "%s", reason)
	}
}
