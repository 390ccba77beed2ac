package pattern

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxNesting bounds how deep groups and brackets nest, as Rust does.
	maxNesting = 250
	// maxSpans bounds the spans of all the sets a pattern makes: 600 times [\w.].
	maxSpans = 1 << 19
)

// parser reads a pattern. After the first error it stands at the end.
type parser struct {
	text   string
	syntax Syntax
	pos    int
	flags  flags
	depth  int
	spans  int
	sets   map[setName]set // of escapes
	names  map[string]bool
	err    *Error
}

// flags are what (?i) and its like set.
type flags struct {
	fold     bool // i
	lines    bool // m
	dotAll   bool // s
	crlf     bool // R
	ascii    bool // u switched off
	extended bool // x
}

func parse(text string, syntax Syntax) (*node, error) {
	if len(text) > MaxLength {
		return nil, &Error{Reason: fmt.Sprintf("the pattern has %d bytes, and %d are the most; make it shorter", len(text), MaxLength)}
	}
	if !utf8.ValidString(text) {
		return nil, &Error{Reason: "the pattern is not valid UTF-8; write other bytes as \\x{...} escapes"}
	}
	p := &parser{text: text, syntax: syntax, names: map[string]bool{}, sets: map[setName]set{}}
	n := p.alternation()
	if !p.eof() {
		p.fail(p.pos, `a ")" closes no group; remove it or write \)`)
	}
	if p.err != nil {
		return nil, p.err
	}
	return n, nil
}

// fail notes the first error, which is at the offset at, and ends parsing.
func (p *parser) fail(at int, format string, a ...any) {
	if p.err == nil {
		p.err = &Error{utf8.RuneCountInString(p.text[:at]) + 1, fmt.Sprintf(format, a...)}
	}
	p.pos = len(p.text)
}

func (p *parser) eof() bool { return p.pos >= len(p.text) }

// peek returns the next character, or -1 at the end.
func (p *parser) peek() rune {
	if p.eof() {
		return -1
	}
	c, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return c
}

// next returns the next character and steps over it.
func (p *parser) next() rune {
	if p.eof() {
		return -1
	}
	c, n := utf8.DecodeRuneInString(p.text[p.pos:])
	p.pos += n
	return c
}

// take steps over s if it is next.
func (p *parser) take(s string) bool {
	if !strings.HasPrefix(p.text[p.pos:], s) {
		return false
	}
	p.pos += len(s)
	return true
}

// space steps over what flag x makes blank.
func (p *parser) space() {
	for p.flags.extended && !p.eof() {
		switch c := p.peek(); {
		case unicode.IsSpace(c):
			p.next()
		case c == '#':
			if n := strings.IndexByte(p.text[p.pos:], '\n'); n >= 0 {
				p.pos += n
			} else {
				p.pos = len(p.text)
			}
		default:
			return
		}
	}
}

// alternation reads up to the end or a ")".
func (p *parser) alternation() *node {
	var branches []*node
	for {
		branches = append(branches, p.sequence())
		if !p.take("|") {
			break
		}
	}
	n := alternate(branches)
	if n.kind == kindSet && len(branches) > 1 {
		p.count(n.set)
	}
	return n
}

func (p *parser) sequence() *node {
	var list []*node
	for {
		p.space()
		if c := p.peek(); c < 0 || c == '|' || c == ')' {
			return sequence(list)
		}
		n := p.item()
		if n == nil { // flags, or an error
			continue
		}
		list = append(list, p.repetitions(n))
	}
}

// item reads what a repetition may follow; nil for flags.
func (p *parser) item() *node {
	start := p.pos
	switch c := p.next(); c {
	case '(':
		return p.group(start)
	case '[':
		return p.chars(p.bracket(start))
	case '\\':
		return p.escape(start)
	case '.':
		return p.dot(start)
	case '^':
		return p.lookAt(textStart, lineStart, lineStartCRLF)
	case '$':
		return p.lookAt(textEnd, lineEnd, lineEndCRLF)
	case '*', '+', '?':
		p.fail(start, `"%c" has nothing to repeat; put something before it or write \%c`, c, c)
		return nil
	case '{':
		if p.syntax == ECMA {
			p.pos = start
			if _, _, ok := p.counts(); !ok {
				p.pos = start + 1
				return p.literal('{')
			}
		}
		p.fail(start, `"{" has nothing to repeat; put something before it or write \{`)
		return nil
	default:
		return p.literal(c)
	}
}

// chars makes a node of a set.
func (p *parser) chars(s set) *node { return &node{kind: kindSet, set: s} }

// literal is one character, in both cases where flag i says so.
func (p *parser) literal(c rune) *node { return p.chars(p.folded(set{{c, c}})) }

// folded adds other cases if flag i is set.
func (p *parser) folded(s set) set {
	if p.flags.fold && p.flags.ascii {
		s = s.foldASCII()
	} else if p.flags.fold {
		s = s.fold()
	}
	return p.count(s)
}

// count keeps the work on sets within bounds.
func (p *parser) count(s set) set {
	if p.spans += len(s); p.spans > maxSpans {
		p.fail(p.pos, "the pattern's character classes become too many; use fewer or simpler ones")
	}
	return s
}

func (p *parser) dot(start int) *node {
	var line set
	switch {
	case p.flags.dotAll:
	case p.syntax == ECMA:
		line = set{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}
	case p.flags.crlf:
		line = set{{'\n', '\n'}, {'\r', '\r'}}
	default:
		line = set{{'\n', '\n'}}
	}
	return p.bytesOnly(start, p.count(line.negate()))
}

// bytesOnly refuses sets over single bytes outside ASCII, which flag -u would
// have, since texts are not looked at as bytes.
func (p *parser) bytesOnly(start int, s set) *node {
	if p.flags.ascii && len(s) > 0 && s[len(s)-1].high >= utf8.RuneSelf {
		p.fail(start, "with Unicode switched off this would match parts of characters; remove the flag -u")
	}
	return p.chars(s)
}

func (p *parser) lookAt(text, lines, crlf look) *node {
	switch {
	case p.flags.lines && p.flags.crlf:
		text = crlf
	case p.flags.lines:
		text = lines
	}
	return &node{kind: kindLook, look: text}
}
