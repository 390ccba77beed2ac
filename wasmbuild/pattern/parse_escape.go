package pattern

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape reads what follows a backslash at the offset start, outside brackets.
func (p *parser) escape(start int) *node {
	c := p.next()
	if s, ok := p.escapedSet(start, c); ok {
		return p.bytesOnly(start, s)
	}
	if l, ok := p.escapedLook(start, c); ok {
		return &node{kind: kindLook, look: l}
	}
	if c, ok := p.escapedChar(start, c); ok {
		return p.literal(c)
	}
	return nil
}

// setName says which set an escape stands for.
type setName struct {
	letter      rune
	property    string // after p and P
	ascii, fold bool
}

// escapedSet is the set that \c stands for, if it stands for one. It is made once,
// however often the pattern has it.
func (p *parser) escapedSet(start int, c rune) (s set, ok bool) {
	name := setName{letter: unicode.ToLower(c), ascii: p.flags.ascii || p.syntax == ECMA}
	switch name.letter {
	case 'p':
		if name.property, ok = p.propertyName(start); !ok {
			return nil, true
		}
		name.fold = p.flags.fold
	case 'd', 's', 'w':
	default:
		return nil, false
	}
	if s, ok = p.sets[name]; !ok {
		if s, ok = p.namedSet(name); !ok {
			p.fail(start, "%q is no Unicode property that is known; use a general category, a script or a common property such as Alphabetic", name.property)
			return nil, true
		}
		p.sets[name] = p.count(s)
	}
	if !unicode.IsUpper(c) {
		return s, true
	}
	name.letter = c
	negated, ok := p.sets[name]
	if !ok {
		negated = p.count(s.negate())
		p.sets[name] = negated
	}
	return negated, true
}

// namedSet makes a set; ok is false if there is no such property.
func (p *parser) namedSet(name setName) (s set, ok bool) {
	switch {
	case name.letter == 'p':
		s, ok = property(name.property)
		return p.folded(s), ok
	case name.letter == 'd' && name.ascii:
		return asciiDigit, true
	case name.letter == 'd':
		return digit(), true
	case name.letter == 's' && p.syntax == ECMA:
		return ecmaSpace, true
	case name.letter == 's' && name.ascii:
		return asciiSpace, true
	case name.letter == 's':
		return space(), true
	case name.ascii:
		return asciiWord, true
	}
	return word(), true
}

// escapedLook is the condition that \c stands for, if it stands for one.
func (p *parser) escapedLook(start int, c rune) (l look, ok bool) {
	ascii := p.flags.ascii || p.syntax == ECMA
	switch {
	case c == 'b' && p.syntax == Rust && strings.HasPrefix(p.text[p.pos:], "{"):
		return p.namedBoundary(start)
	case c == 'b':
		return wordLook(ascii, wordBoundary), true
	case c == 'B':
		return wordLook(ascii, wordNoBoundary), true
	case p.syntax == ECMA:
		return 0, false
	case c == 'A':
		return textStart, true
	case c == 'z':
		return textEnd, true
	case c == '<':
		return wordLook(ascii, wordStart), true
	case c == '>':
		return wordLook(ascii, wordEnd), true
	}
	return 0, false
}

// namedBoundary reads the braces of \b{start} and its like. \b{2} is a repetition.
func (p *parser) namedBoundary(start int) (look, bool) {
	name, _, closed := strings.Cut(p.text[p.pos+1:], "}")
	is := map[string]func(before, after bool) bool{
		"start": wordStart, "end": wordEnd, "start-half": wordStartHalf, "end-half": wordEndHalf,
	}[name]
	switch {
	case closed && is != nil:
		p.pos += len(name) + 2
		return wordLook(p.flags.ascii, is), true
	case name != "" && (name[0] == '-' || unicode.IsLetter(rune(name[0]))):
		p.fail(start, `this word boundary is not known; use \b, \b{start}, \b{end}, \b{start-half} or \b{end-half}`)
	}
	return wordLook(p.flags.ascii, wordBoundary), true
}

// escapedChar is the character that \c stands for. Otherwise the pattern is wrong.
func (p *parser) escapedChar(start int, c rune) (rune, bool) {
	switch c {
	case -1:
		p.fail(start, `the pattern ends in a backslash; write \\ if it is meant as itself`)
		return 0, false
	case 't':
		return '\t', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 'f':
		return '\f', true
	case 'v':
		return '\v', true
	case 'x', 'u', 'U':
		if c != 'U' || p.syntax == Rust {
			return p.hex(start, c)
		}
	case 'a':
		if p.syntax == Rust {
			return '\a', true
		}
	case 'c':
		if next := p.peek(); p.syntax == ECMA && next < utf8.RuneSelf && unicode.IsLetter(next) {
			return p.next() & 31, true
		}
	case '0':
		if next := p.peek(); p.syntax == ECMA && (next < '0' || next > '9') {
			return 0, true
		}
	}
	switch {
	case c >= '0' && c <= '9', c == 'k' && p.syntax == ECMA:
		p.fail(start, "back-references are not supported; express the rule without them")
		return 0, false
	case c >= utf8.RuneSelf || unicode.IsLetter(c):
		p.fail(start, `\%c has no meaning; remove the backslash`, c)
		return 0, false
	}
	return c, true
}

// hexDigits are how many digits follow \x, \u and \U without braces.
var hexDigits = map[rune]int{'x': 2, 'u': 4, 'U': 8}

// hex reads the number of a character.
func (p *parser) hex(start int, kind rune) (rune, bool) {
	at, n, braces := p.pos, hexDigits[kind], false
	if p.syntax == Rust || kind == 'u' {
		braces = p.take("{")
	}
	digits := p.text[p.pos:]
	if braces {
		digits, _, _ = strings.Cut(digits, "}")
		p.pos += len(digits) + 1
	} else {
		digits = digits[:min(n, len(digits))]
		p.pos += len(digits)
		if len(digits) < n {
			digits = ""
		}
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err == nil && p.syntax == ECMA && v-0xd800 < 0x400 {
		v = p.pair(v)
	}
	switch {
	case err != nil || p.pos > len(p.text):
		p.fail(min(at, len(p.text)), `\%c needs %d hex digits, or some in braces as in \%c{1F600}`, kind, n, kind)
		return 0, false
	case !utf8.ValidRune(rune(v)) || v > unicode.MaxRune:
		p.fail(at, "%X is no character's number; the last one is 10FFFF, and D800 to DFFF are none", v)
		return 0, false
	case p.flags.ascii && kind == 'x' && !braces && v >= utf8.RuneSelf:
		p.fail(start, "with Unicode switched off this would match parts of characters; remove the flag -u")
		return 0, false
	}
	return rune(v), true
}

// pair reads the second half of a pair of \u escapes, if it is there.
func (p *parser) pair(first uint64) uint64 {
	rest, ok := strings.CutPrefix(p.text[p.pos:], `\u`)
	if !ok || len(rest) < 4 {
		return first
	}
	second, err := strconv.ParseUint(rest[:4], 16, 32)
	if err != nil || second-0xdc00 >= 0x400 {
		return first
	}
	p.pos += len(`\u`) + 4
	return 0x10000 + (first-0xd800)<<10 + (second - 0xdc00)
}

// propertyName reads what follows \p: one letter, or a name in braces.
func (p *parser) propertyName(start int) (name string, ok bool) {
	name = string(max(p.next(), 0))
	if name == "{" {
		var closed bool
		if name, _, closed = strings.Cut(p.text[p.pos:], "}"); !closed {
			p.fail(start, `the property's name has no end; add a "}"`)
			return "", false
		}
		p.pos += len(name) + 1
	}
	if p.flags.ascii {
		p.fail(start, "with Unicode switched off there are no properties; remove the flag -u")
		return "", false
	}
	return name, true
}
