package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// failTransform answers FALSE with a reason in three parts: before, a path of n
// bytes, after. A payload that is not JSON is the reason for everything.
func failTransform(before vm.Text, path ptr, n uint32) uint64 {
	return failJSON(before, text(path, n), 0)
}

// failPath answers that a path leads nowhere.
func failPath(path ptr, n uint32) uint64 {
	return failJSON(vm.Lit("path '"), text(path, n), vm.Lit("' not found in data"))
}

// failWrong answers that a target's value is of a kind that cannot be changed.
func failWrong(target ptr) uint64 {
	if WrongTailLen == 0 {
		return failJSON(text(Wrong, WrongLen), 0, 0)
	}
	path := text(vm.U32(target+targetPath), vm.U32(target+targetLen))
	return failJSON(text(Wrong, WrongLen), path, text(WrongTail, WrongTailLen))
}

func failJSON(before, path, after vm.Text) uint64 {
	if !validJSON(pay, end) {
		return notValid()
	}
	o := take(textLen(before) + textLen(path) + textLen(after) + slack)
	if o == 0 {
		return outOfMemory()
	}
	q := putText(putText(putText(o, before), path), after)
	return sayFailed(text(o, q-o), 0)
}

func notValid() uint64 { return sayFailed(vm.Lit("data is not valid JSON"), 0) }

// sayFailed answers FALSE with a reason in two parts, which is printed with
// escapes as the original prints it, and the number of targets.
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
func putDebug(o ptr, t vm.Text) ptr {
	p := textPtr(t)
	for stop := p + textLen(t); p < stop; p++ {
		c := vm.U8(p)
		switch c {
		case '"', '\\':
			o = put(put(o, '\\'), c)
		case '\t':
			o = put(put(o, '\\'), 't')
		case '\n':
			o = put(put(o, '\\'), 'n')
		case '\r':
			o = put(put(o, '\\'), 'r')
		case 0:
			o = put(put(o, '\\'), '0')
		default:
			if c >= ' ' && c != 127 {
				o = put(o, c)
				continue
			}
			o = putText(o, vm.Lit("\\u{"))
			if c > 15 {
				o = put(o, '0'+c>>4)
			}
			o = put(put(o, vm.U8(textPtr(vm.Lit("0123456789abcdef"))+c&15)), '}')
		}
	}
	return o
}
