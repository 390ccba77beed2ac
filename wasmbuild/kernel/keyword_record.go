package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchKeyword is the DetectiveType that records of members carry.
const matchKeyword = 2036

// Where in the payload the text of the next record is; both 0 if that is not to be said.
var spanFrom, spanTo uint32

// reportMember is reportName for JSON payloads: the record names the path.
//
//wasm:small
func reportMember(t, p, e ptr, esc bool, entity uint32) {
	spanFrom, spanTo = 0, 0
	putMember(t, p, e, esc, entity)
}

// putMember appends a record for the member at t, whose value's text, before
// unescaping, is [p,e).
//
//wasm:small
func putMember(t, p, e ptr, esc bool, entity uint32) {
	bound := PathTextLen + 64 + recordBound(t)
	path := out + bound // path and value are built out of the way, then moved down
	if path-matches > maxMatches || !room(path+bound+(e-p)+slack) {
		trouble = scanFull
		return
	}
	o := putPlace(path, t)
	v := p
	if esc {
		v = path + bound
		e = unescapeAll(p, e, v)
	}
	out = putFinding(out, matchKeyword, text(path, o-path), v, e-v, entityText(entity))
}

// entityText is an entity's name, empty for none.
//
//wasm:inline
func entityText(entity uint32) vm.Text {
	if entity == 0 {
		return 0
	}
	at := KeywordEntities + entity<<3 - 8
	return text(vm.U32(at), vm.U32(at+4))
}

// putPlace writes the path of the member at t.
//
//wasm:small
func putPlace(o, t ptr) ptr {
	root := vm.Addr(&trail)
	if PathTextLen != 0 {
		o = putBytes(o, PathText, PathTextLen)
		if t >= root {
			c := uint32('.')
			if synthetic {
				c = '|'
			}
			o = put(o, c)
		}
	}
	for k := root; k <= t; k += 8 {
		if k != root {
			o = put(o, '.')
		}
		q, n := vm.U32(k), vm.U32(k+4)
		if n == noIndex {
			o = putDecimal(o, q)
		} else {
			o = putComponent(o, q, n)
		}
	}
	return o
}

// putFinding writes a DetectiveStepResultMatch that says what kind of data was
// found, and where unless spanTo is 0, as an element of matches. It may write 15
// bytes more.
//
//wasm:small
func putFinding(o ptr, typ uint32, path vm.Text, v ptr, nv uint32, kind vm.Text) ptr {
	n := matchLen(typ, textLen(path), nv) + 1 + vlen(textLen(kind)) + textLen(kind)
	if spanTo != 0 {
		n += 2 + vlen(spanFrom) + vlen(spanTo)
	}
	o = putv(put(o, 0x0a), n)
	o = putv(put(o, 0x08), typ)
	o = puts(o, 0x12, textPtr(path), textLen(path))
	if spanTo != 0 {
		o = putv(put(putv(put(o, 0x18), spanFrom), 0x20), spanTo)
	}
	return puts(puts(o, 0x2a, v, nv), 0x32, textPtr(kind), textLen(kind))
}
