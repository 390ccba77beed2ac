package kernel

// matchLen is the length of a match record's content.
//
//wasm:inline
func matchLen(typ, np, nv uint32) uint32 {
	return 1 + vlen(typ) + 1 + vlen(np) + np + 1 + vlen(nv) + nv
}

// putMatch writes a DetectiveStepResultMatch as an element of matches. It may
// write 15 bytes more. Empty fields are written too: readers cannot tell.
//
//wasm:small
func putMatch(o ptr, typ uint32, path ptr, np uint32, v ptr, nv uint32) ptr {
	o = putv(put(o, 0x0a), matchLen(typ, np, nv))
	o = putv(put(o, 0x08), typ)
	return puts(puts(o, 0x12, path, np), 0x2a, v, nv)
}
