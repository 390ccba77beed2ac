// Package schema compiles a JSON Schema document, of draft 4, 6 or 7, to a
// check program that the kernel interprets over a payload's text.
//
// The way of a document: decode (document.go), find out which URI names which
// part of it (scope.go), compile each part that is used to a check (compile*.go),
// refuse programs that would never end (loop.go), and lay the checks out as
// constants (layout*.go).
//
// Like the original, it ignores keywords of other drafts, keywords whose value
// is of the wrong type, and unknown types and formats; a schema that cannot
// mean anything is refused.
package schema

import "fmt"

// Draft is a version of the specification.
type Draft int

// The drafts that are supported.
const (
	Draft4 Draft = 4
	Draft6 Draft = 6
	Draft7 Draft = 7
)

// Options change what a schema means.
type Options struct {
	// Annotate makes "format" a remark that is not checked.
	Annotate bool
}

// Limits of a document.
const (
	maxNesting = 512  // levels of JSON
	maxChecks  = 8192 // parts that are compiled
	// maxPatternWork bounds what it takes to compile all patterns together, about a second:
	// see pattern.Program.
	maxPatternWork = 40_000_000
)

// Error says why a document cannot be compiled.
type Error struct {
	Where  string // a line and column, or a JSON pointer
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("at %s: %s", e.Where, e.Reason) }

// Schema is a compiled document. It does not change.
type Schema struct {
	root   *check
	checks []*check // all of them, in the order they are laid out
}

// Compile compiles a document. A document that cannot be compiled gives an *Error.
func Compile(text []byte, draft Draft, options Options) (*Schema, error) {
	document, err := decode(text)
	if err != nil {
		return nil, err
	}
	c := newCompiler(draft, options)
	root, err := c.document(document)
	if err != nil {
		return nil, err
	}
	s := &Schema{root: root, checks: c.checks}
	if err := s.refuseLoops(); err != nil {
		return nil, err
	}
	return s, nil
}
