package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// failTransform answers FALSE with a reason in three parts: before, a path of n
// bytes, after. That a payload is not JSON comes before any other reason.
//
//wasm:small
func failTransform(before vm.Text, path ptr, n uint32) uint64 {
	return failJSON(before, text(path, n), 0)
}

// failPath answers that a path leads nowhere.
//
//wasm:small
func failPath(path ptr, n uint32) uint64 {
	return failJSON(vm.Lit("path '"), text(path, n), vm.Lit("' not found in data"))
}

// failWrong answers that a target's value is of a kind that cannot be changed.
//
//wasm:small
func failWrong(target ptr) uint64 {
	if WrongTailLen == 0 {
		return failJSON(text(Wrong, WrongLen), 0, 0)
	}
	path := text(vm.U32(target+targetPath), vm.U32(target+targetLen))
	return failJSON(text(Wrong, WrongLen), path, text(WrongTail, WrongTailLen))
}

//wasm:small
func failJSON(before, path, after vm.Text) uint64 {
	if !wholeRoot() {
		return notValid()
	}
	o := take(textLen(before) + textLen(path) + textLen(after) + slack)
	if o == 0 {
		return outOfMemory()
	}
	q := putText(putText(putText(o, before), path), after)
	return sayFailed(text(o, q-o), 0)
}

//wasm:small
func notValid() uint64 { return sayFailed(vm.Lit("data is not valid JSON"), 0) }

// sayFailed answers FALSE with a reason in two parts, which is printed with
// escapes as the original prints it, and the number of targets.
//
//wasm:small
func sayFailed(reason, more vm.Text) uint64 {
	o := take(6*(textLen(reason)+textLen(more)) + slack)
	if o == 0 {
		return outOfMemory()
	}
	q := putDebug(putDebug(o, reason), more)
	q = putText(q, vm.Lit(`"): `))
	q = putDecimal(q, targetTotal)
	return finishWith(exitFalse, vm.Lit(`Unable to transform payload: Generic("`), text(o, q-o))
}

// putDebug writes a text with quotes, backslashes and control characters escaped.
//
//wasm:small
func putDebug(o ptr, t vm.Text) ptr {
	p := textPtr(t)
	for stop := p + textLen(t); p < stop; p++ {
		c := vm.U8(p)
		if c >= ' ' && c != '"' && c != '\\' && c != 127 {
			o = put(o, c)
			continue
		}
		o = put(o, '\\')
		letter := escapeLetter(c)
		if c == 0 {
			letter = '0'
		}
		if letter != 0 && c != '\b' && c != '\f' {
			o = put(o, letter)
			continue
		}
		o = put(put(o, 'u'), '{')
		if c > 15 {
			o = putHexDigit(o, c>>4)
		}
		o = put(putHexDigit(o, c), '}')
	}
	return o
}
