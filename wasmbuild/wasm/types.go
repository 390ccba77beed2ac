// Package wasm names what the WebAssembly 2.0 binary format is made of, for
// those who write it (gowasm) and those who read and rewrite it (link).
//
// See https://www.w3.org/TR/wasm-core-2/#binary-format
package wasm

// Header opens every module: magic number and version.
const Header = "\x00asm\x01\x00\x00\x00"

// ValueType is the type of a local, global, parameter or result.
type ValueType = byte

// Value types.
const (
	I32  ValueType = 0x7f
	I64  ValueType = 0x7e
	F32  ValueType = 0x7d
	F64  ValueType = 0x7c
	V128 ValueType = 0x7b
)

// FuncForm opens a function type.
const FuncForm = 0x60

// Empty is the type of a block without parameters and results.
const Empty = 0x40

// PageSize is the unit in which memory is measured.
const PageSize = 1 << 16

// SectionID says what a section holds.
type SectionID = byte

// Sections, in the order of their ids (which is not quite the order in a module).
const (
	SectionCustom SectionID = iota
	SectionType
	SectionImport
	SectionFunction
	SectionTable
	SectionMemory
	SectionGlobal
	SectionExport
	SectionStart
	SectionElement
	SectionCode
	SectionData
	SectionDataCount
)

// ExternKind says what an import or export is.
type ExternKind = byte

// What can be imported and exported.
const (
	ExternFunc ExternKind = iota
	ExternTable
	ExternMemory
	ExternGlobal
)
