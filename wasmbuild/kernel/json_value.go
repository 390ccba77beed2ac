package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// startsValue says whether a JSON value may start with c.
func startsValue(c uint32) bool {
	const marks uint32 = 1<<('"'-' ') | 1<<('-'-' ') | 0x3ff<<('0'-' ')
	const letters uint32 = 1<<('f'-'f') | 1<<('n'-'f') | 1<<('t'-'f')
	switch {
	case opens(c):
		return true
	case c < 64:
		return c >= ' ' && marks>>(c&31)&1 != 0
	}
	return c-'f' <= 't'-'f' && letters>>((c-'f')&31)&1 != 0
}

// valueEnd returns the first byte after the value at p, past e if it is cut off
// or not a value at all: literals must be exact.
//
//wasm:small
func valueEnd(p, e ptr) (q ptr, esc bool) {
	c := vm.U8(p)
	switch {
	case p >= e:
		return e + 1, false
	case c == '"':
		q, esc = stringEnd(p + 1)
		return q + 1, esc
	case c|32 == '{':
		return skipContainer(p+1, e), false
	}
	return scalarEnd(c, p, e), false
}

// scalarEnd is valueEnd for values that start with c, neither strings nor containers.
//
//wasm:small
func scalarEnd(c uint32, p, e ptr) ptr {
	if !startsValue(c) {
		return e + 1
	}
	if c >= 'a' {
		return literalEnd(p, e)
	}
	return numberEnd(p, e)
}

// numberEnd skips what a number may be made of.
func numberEnd(p, e ptr) ptr {
	const marks uint32 = 1<<('+'-'+') | 1<<('-'-'+') | 1<<('.'-'+') | 0x3ff<<('0'-'+')
	for p < e {
		c := vm.U8(p)
		if c|32 != 'e' && (c-'+' > '9'-'+' || marks>>((c-'+')&31)&1 == 0) {
			break
		}
		p++
	}
	return p
}

// literalEnd returns the byte after the literal at p; past e if it is none.
//
//wasm:small
func literalEnd(p, e ptr) ptr {
	word := uint32(wordTrue)
	switch vm.U8(p) {
	case 'n':
		word = wordNull
	case 'f':
		word = wordAlse
		p++
	}
	if p > e || e-p < 4 || vm.U32(p) != word {
		return e + 1
	}
	return p + 4
}
