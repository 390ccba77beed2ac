// Package pattern turns regular expressions into tables that a kernel matcher
// runs over text in one pass, whatever the expression and the text are.
//
// Two dialects are read: that of Rust's regex crate (Rust), which detective
// steps are written in, and ECMA-262 as JSON Schema uses it (ECMA). Neither
// look-ahead, look-behind nor back-references exist: they need more than one
// pass. A pattern matches a text if it matches anywhere in it.
//
// The way of a pattern: parse to a tree of character sets (parse*.go), lay it
// out as positions with conditional edges between them (program.go, follow.go),
// divide all characters into classes that no set tells apart (classes.go). Then
// either an automaton over classes is determinised and minimised (dfa.go,
// minimise.go), or, where that would be too large, the positions themselves are
// simulated as bits (sim.go).
//
// The automaton steps by characters, not by bytes: a byte over 0x7f needs a few
// loads more to find its character's class, but these do not wait for each
// other, and the Unicode tables behind \w or \pL are there once instead of once
// per state.
package pattern

import "fmt"

// Syntax is a dialect.
type Syntax int

const (
	// Rust is the dialect of Rust's regex crate: Unicode classes, set operations
	// in brackets, flags, no octal escapes.
	Rust Syntax = iota
	// ECMA is the dialect of ECMA-262 with the u flag, read leniently where JSON
	// schemas in the wild are not written for it. \d, \w and \b are ASCII.
	ECMA
)

// What a pattern may cost. No pattern takes more than about 100 ms and 64 MiB to
// compile, nor more than MaxTable bytes once it is compiled.
const (
	// MaxLength bounds a pattern, in bytes.
	MaxLength = 1 << 15
	// MaxTable bounds what either kind of table takes in a module, in bytes,
	// besides its classes.
	MaxTable = 1 << 17
	// MaxPositions bounds what a simulation keeps track of: 8192 places in the
	// pattern are 64 registers.
	MaxPositions = 8192
	// MaxSimWork bounds what a simulation does per character, in registers of 16
	// bytes that are looked at: about half a microsecond.
	MaxSimWork = 1024
)

// Error is why a pattern cannot be compiled.
type Error struct {
	Position int    // of the character that is wrong, from 1 on; 0 if it is the pattern as a whole
	Reason   string // a sentence without its full stop that says what to do
}

func (e *Error) Error() string {
	if e.Position == 0 {
		return e.Reason
	}
	return fmt.Sprintf("at character %d, %s", e.Position, e.Reason)
}

// Program is a compiled pattern. Equal patterns give equal programs.
type Program struct {
	Classes *Classes // how characters are told apart
	DFA     *DFA     // nil if it would be larger than MaxTable
	Sim     *Sim     // nil unless DFA is

	// Literal is text that every match contains, the longest that was found.
	Literal string
	// IsLiteral says that nothing but Literal matches.
	IsLiteral bool

	// Work is what it took to compile the pattern: a million is some 10 to 30 ms.
	Work int
}

// What besides the automaton counts as work.
const (
	workOfPattern  = 5_000
	workOfPosition = 200
)

// Compile compiles a pattern. A pattern that is wrong or too complex is an *Error.
func Compile(text string, syntax Syntax) (*Program, error) {
	tree, err := parse(text, syntax)
	if err != nil {
		return nil, err
	}
	steps, err := layOut(tree)
	if err != nil {
		return nil, err
	}
	f, err := follow(steps)
	if err != nil {
		return nil, err
	}
	c, err := classify(f)
	if err != nil {
		return nil, err
	}
	p := &Program{}
	p.Literal, p.IsLiteral = literal(tree)
	p.DFA, p.Work = determinise(f, c)
	p.Work += workOfPattern + workOfPosition*len(f.sets)
	if p.DFA != nil {
		p.Classes = c.tables(p.DFA.merge)
		return p, nil
	}
	if p.Sim, err = simulate(f, c); err != nil {
		return nil, err
	}
	p.Classes = c.tables(nil)
	return p, nil
}

// Match says whether the pattern matches anywhere in text. It is what the
// kernel's matchers do, as plain Go.
func (p *Program) Match(text string) bool {
	if p.DFA != nil {
		return p.DFA.match(p.Classes, text)
	}
	return p.Sim.match(p.Classes, text)
}
