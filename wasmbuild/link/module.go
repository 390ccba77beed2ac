// Package link makes a module of its own for each rule out of one compiled
// kernel: it binds the functions that the rule chooses, adds the rule's
// constants, drops whatever the rule does not reach, and encodes the rest. The
// same input always gives the same bytes.
//
// It knows the part of WebAssembly 2.0 that kernels use: functions, one memory,
// globals, active data segments and SIMD. Tables, elements, start functions and
// passive data are refused.
package link

import (
	"github.com/streamdal/streamdal-server/wasmbuild/link/code"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

// BindModule is the module name of imports that Link replaces by functions.
const BindModule = "rule"

// Module is a decoded, or freshly compiled, module.
type Module struct {
	Types   []FuncType
	Imports []Import // functions only; they come first in the numbering of functions
	Funcs   []Func
	Memory  Limits
	Globals []Global
	Exports []Export
	Data    []Data
	Customs []Custom

	// Areas are the parts of memory that a compiled kernel's code refers to; an
	// area's number is its index and 1. Link gives those that a rule needs their
	// places. They are not part of the binary form.
	Areas []Area
}

// Area is a table, a text or room for variables.
type Area struct {
	Size  uint32
	Align uint32
	Bytes []byte // what it starts with; empty for zeros
}

// FuncType is a function's signature.
type FuncType struct{ Params, Results []wasm.ValueType }

// Import is a function that comes from outside.
type Import struct {
	Module, Name string
	Type         uint32
}

// Func is a function with its body: local declarations and instructions, with
// all numbers in their shortest form.
type Func struct {
	Type uint32
	Body []byte

	// Name and Refs are known for compiled kernels only: what Link calls the
	// function, and where the body refers to areas.
	Name string
	Refs []code.Ref
}

// Limits is the size of the memory in pages.
type Limits struct {
	Min    uint32
	Max    uint32
	HasMax bool
}

// Global is a global variable.
type Global struct {
	Type    wasm.ValueType
	Mutable bool
	Init    []byte // constant expression with its end
}

// Export makes something visible from outside.
type Export struct {
	Name  string
	Kind  wasm.ExternKind
	Index uint32
}

// Data is put into memory when the module is instantiated.
type Data struct {
	Offset uint32
	Bytes  []byte
}

// Custom is a section that engines ignore. It is encoded after all others.
type Custom struct {
	Name  string
	Bytes []byte
}

// funcNamed is the index of the function with a name, as imports and functions are numbered.
func (m *Module) funcNamed(name string) (index uint32, ok bool) {
	for i, f := range m.Funcs {
		if f.Name == name {
			return uint32(len(m.Imports) + i), true
		}
	}
	return 0, false
}
