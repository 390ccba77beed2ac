package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// faultReason says in words what is wrong with the JSON text that starts at p,
// and where: line and column count from 1, columns in bytes. It lives in the arena.
//
//wasm:small
func faultReason(what uint32, p ptr) vm.Text {
	words := faultText(what)
	o := take(textLen(words) + 64)
	if o == 0 {
		return words
	}
	line, column := uint32(1), uint32(0)
	for ; p < faultAt; p++ {
		column++
		if vm.U8(p) == '\n' {
			line, column = line+1, 0
		}
	}
	q := putText(putText(o, words), vm.Lit(" at line "))
	q = putText(putDecimal(q, line), vm.Lit(" column "))
	q = putDecimal(q, column)
	return text(o, q-o)
}

//wasm:small
func faultText(what uint32) vm.Text {
	switch what {
	case faultEndObject:
		return vm.Lit("EOF while parsing an object")
	case faultEndList:
		return vm.Lit("EOF while parsing a list")
	case faultEndString:
		return vm.Lit("EOF while parsing a string")
	case faultEndValue:
		return vm.Lit("EOF while parsing a value")
	case faultColon:
		return vm.Lit("expected `:`")
	case faultListNext:
		return vm.Lit("expected `,` or `]`")
	case faultObjectNext:
		return vm.Lit("expected `,` or `}`")
	case faultIdent:
		return vm.Lit("expected ident")
	case faultValue:
		return vm.Lit("expected value")
	case faultEscape:
		return vm.Lit("invalid escape")
	case faultNumber:
		return vm.Lit("invalid number")
	case faultRange:
		return vm.Lit("number out of range")
	case faultControl:
		return vm.Lit("control character (\\u0000-\\u001F) found while parsing a string")
	case faultKey:
		return vm.Lit("key must be a string")
	case faultSurrogate:
		return vm.Lit("lone leading surrogate in hex escape")
	case faultTrailingComma:
		return vm.Lit("trailing comma")
	case faultTrailing:
		return vm.Lit("trailing characters")
	case faultHexEnd:
		return vm.Lit("unexpected end of hex escape")
	case faultUnicode:
		return vm.Lit("invalid unicode code point")
	}
	return vm.Lit("recursion limit exceeded")
}
