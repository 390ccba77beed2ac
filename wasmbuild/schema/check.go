package schema

import (
	"math/big"

	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
)

// The kinds of values, as the kernel numbers them.
const (
	kindNull = 1 << iota
	kindBool
	kindInteger
	kindNumber // integers too
	kindText
	_
	kindObject
	kindArray

	kindAll = kindNull | kindBool | kindInteger | kindNumber | kindText | kindObject | kindArray
)

// check is what one schema demands of a value.
type check struct {
	place    string // for messages
	kinds    uint32
	kindText string // what messages say is expected
	typeName string // the type keyword, if it is a string

	text   *textCheck
	number *numberCheck
	object *objectCheck
	array  *arrayCheck
	ops    []op

	address uint32
}

// size is a lower or upper limit of a count.
type size struct {
	set   bool
	n     uint32
	label string
}

type textCheck struct {
	min, max     size
	pattern      *pattern.Program
	patternLabel string
	format       format
	formatLabel  string
}

// end is an end of a range of numbers.
type end struct {
	at        *big.Rat // nil: there is none
	inclusive bool
	label     string
}

type numberCheck struct {
	low, high end
	// multiples of unit * 10^scale, if unit is not 0
	unit  uint64
	scale int
	label string
}

type objectCheck struct {
	min, max   size
	properties []property // sorted by name
	required   []required
	patterns   []patternProperty
	rest       rest
}

// property is a name that the schema knows, and what its value must be.
type property struct {
	name  string
	check *check
	// required is its index in the list of required properties; -1 if it may be absent
	required int
}

type required struct{ name, label string }

type patternProperty struct {
	program *pattern.Program
	check   *check
}

// rest is what holds for members and elements that nothing else is said of.
type rest struct {
	check *check // nil: there must be none
	label string
	// whole: it is the container that the message is about, as it is in the original
	whole bool
}

type arrayCheck struct {
	min, max size
	tuple    []*check
	rest     rest
}

// opCode is something to do with a value that has been walked.
type opCode uint32

const (
	_           opCode = iota
	opAll              // a: a check
	opNot              // a: a check
	opAny              // list
	opOne              // list
	opIf               // a: a check; b, c: checks or none
	opEnum             // values
	opUnique           //
	opContains         // a: a check
	opNames            // a: a check
	opDepends          // name, a: a check
	opNever            //
	opListEnd   = 0    // of a check's ops
	opBytes     = 24   // of an op in the module
	checkBytes  = 32   // and of a check
	objectBytes = 64
)

type op struct {
	code    opCode
	label   string
	a, b, c *check
	list    []*check
	values  []string // canonical texts
	name    string
}

// inPlace are the checks that an op makes of the same value.
func (o op) inPlace() []*check {
	switch o.code {
	case opContains, opNames:
		return nil
	}
	var list []*check
	for _, c := range append([]*check{o.a, o.b, o.c}, o.list...) {
		if c != nil {
			list = append(list, c)
		}
	}
	return list
}

// refuseLoops refuses checks that lead back to themselves without having gone
// into the value: they would never end.
func (s *Schema) refuseLoops() error {
	const (
		open   = 1
		closed = 2
	)
	state := map[*check]int{}
	var visit func(c *check) error
	visit = func(c *check) error {
		switch state[c] {
		case open:
			return &Error{c.place, "the schema refers to itself for the same value, which never ends; refer to it for a property or an item"}
		case closed:
			return nil
		}
		state[c] = open
		for _, o := range c.ops {
			for _, part := range o.inPlace() {
				if err := visit(part); err != nil {
					return err
				}
			}
		}
		state[c] = closed
		return nil
	}
	for _, c := range s.checks {
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}
