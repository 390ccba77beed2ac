package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Most rules change one value, at a path of keys. They get by with less code
// than transform needs, and what they may have to say is known beforehand.

// Says is what a rule with one path says when it fails: {text, length} for each
// reason, of what follows the words that all have in common.
var Says ptr

// The reasons. The planner knows them by these numbers.
const (
	sayEmpty = iota
	sayInvalid
	sayNotFound
	sayWrong
	sayBadText // with those words, before the reason of the reason
	sayEnd     // and after it
)

// The edit.
var oneFrom, oneTo, oneText, oneLen ptr

// transformOne is the entry of static rules which change JSON at one path of keys.
//
//wasm:small
func transformOne(p, n uint32) uint64 {
	bad := begin(p, n)
	if bad == requestEmpty {
		return failOne(sayEmpty)
	}
	if bad != requestFine {
		return refuse(bad, vm.Lit("unable to read request: "))
	}
	v := ptr(0)
	valid := wellEnded()
	if valid {
		v = find()
	}
	if at := utf8Rest(); at < end {
		reason := utf8Reason(at) // there is room behind it
		e := putText(textPtr(reason)+textLen(reason), said(sayEnd))
		return finishWith(exitFalse, said(sayBadText), text(textPtr(reason), e-textPtr(reason)))
	}
	if !valid {
		return failOne(sayInvalid)
	}
	if v == 0 {
		return failWhole(sayNotFound)
	}
	e := endOf(v)
	if e > end {
		return failOne(sayInvalid)
	}
	oneTo = 0
	if !change(v, e) {
		return failWhole(sayWrong)
	}
	return applyOne()
}

// findFields is find for paths without array indexes.
func findFields() ptr {
	p := afterSpace(pay)
	for s := Path; vm.U32(s) != opEnd && p != 0; s += stepSize {
		if vm.U8(p) != '{' {
			return 0
		}
		p = field(p, end, vm.U32(s+4), vm.U32(s+8))
	}
	return p
}

// setEdit is addEdit for rules with one target.
//
//wasm:small
func setEdit(from, to, s ptr, n uint32) { oneFrom, oneTo, oneText, oneLen = from, to, s, n }

// applyOne is applyEdits for rules with one target.
//
//wasm:small
func applyOne() uint64 {
	if oneTo == 0 {
		return finish(exitTrue, vm.Lit(transformed))
	}
	size := end - pay
	grown := size + oneLen - (oneTo - oneFrom)
	shift := max(vlen(grown), vlen(size)) - vlen(size)
	stop := pay + shift + grown
	if !room(stop + oneLen + 2*slack) {
		return outOfMemory()
	}
	if oneText >= end && oneText < stop+slack { // out of the way of what moves
		vm.Copy(stop+slack, oneText, oneLen)
		oneText = stop + slack
	}
	vm.Copy(stop-(end-oneTo), oneTo, end-oneTo)
	if shift != 0 {
		vm.Copy(pay+shift, pay, oneFrom-pay)
	}
	vm.Copy(oneFrom+shift, oneText, oneLen)
	return done(putHead(pay+shift, grown), putTail(stop, exitTrue, vm.Lit(transformed)))
}

// failWhole is failOne unless the payload is not JSON.
//
//wasm:small
func failWhole(why uint32) uint64 {
	if !wholeRoot() {
		why = sayInvalid
	}
	return failOne(why)
}

//wasm:small
func failOne(why uint32) uint64 {
	return finishWith(exitFalse, vm.Lit(`Unable to transform payload: Generic("`), said(why))
}

// said is what the rule says for a reason.
//
//wasm:small
func said(why uint32) vm.Text { return text(vm.U32(Says+8*why), vm.U32(Says+8*why+4)) }
