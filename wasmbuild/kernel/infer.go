package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// inferSchema is the entry of schema inference. The schema of all payloads so
// far is in State; a fresh instance starts from the request's current_schema, or
// from its first payload. A payload of known shape costs one walk over it.
//
//wasm:small
func inferSchema(p, n uint32) uint64 {
	bad := open(p, n)
	if bad != requestFine && bad != requestEmpty {
		return refuse(bad, 0)
	}
	first := !known
	var seed, seedEnd ptr
	if first {
		var ok bool
		if seed, seedEnd, ok = currentSchema(request, requestEnd); !ok {
			return fail(vm.Lit("invalid wasm request: httprequest is required"))
		}
	}
	if bad == requestEmpty {
		return fail(vm.Lit("invalid wasm request: payload cannot be empty"))
	}
	seal()
	if bad := utf8Bad(pay, end); bad < end {
		return finishWith(exitFalse, vm.Lit("invalid payload json: "), utf8Reason(bad))
	}
	followBase = take((maxDepth + 2) * frameSize)
	if followBase == 0 {
		return outOfMemory()
	}
	checked, widened = false, false
	if first {
		if answer := startKnown(seed, seedEnd); answer != 0 {
			return answer
		}
	}
	q := follow(space(pay), State+stateRoot)
	if q == 0 || space(q) != end {
		return notJSON()
	}
	message := vm.Lit("schema has not changed")
	if widened {
		if !rememberText(first && seed == seedEnd) {
			return outOfMemory()
		}
		message = vm.Lit("schema has changed")
	}
	if first {
		known = true
		message = firstMessage(seed, seedEnd)
	}
	return answerSchema(message)
}

// startKnown makes the schema [seed,seedEnd), or nothing, what is known. It
// returns 0, or the answer to give.
//
//wasm:small
func startKnown(seed, seedEnd ptr) uint64 {
	if !mayLearn() {
		return notJSON()
	}
	forget()
	if seed == seedEnd {
		return 0
	}
	return startFrom(seed, seedEnd)
}

// firstMessage says how the schema differs from the one the instance started from.
//
//wasm:small
func firstMessage(seed, seedEnd ptr) vm.Text {
	if seed == seedEnd {
		return vm.Lit("inferred fresh schema")
	}
	if seedEnd-seed == knownText && equal(seed, State+stateText, knownText) {
		return vm.Lit("schema has not changed")
	}
	return vm.Lit("schema has changed")
}

// currentSchema finds the request's step and copies its current_schema, which
// may be empty, to the arena. ok says whether the step is schema inference.
//
//wasm:small
func currentSchema(p, e ptr) (from, to ptr, ok bool) {
	step, stepEnd := lastField(p, e, 1, 1)
	infer, inferEnd := lastField(step, stepEnd, 1000, 1009)
	if infer == 0 || foundField != 1007 {
		return 0, 0, false
	}
	from, to = lastField(infer, inferEnd, 1, 1)
	n := to - from
	o := take(n)
	if o == 0 {
		return 0, 0, true
	}
	vm.Copy(o, from, n)
	vm.Store(o+n, vm.Splat('"'))
	return o, o + n, true
}

// startFrom makes the schema [p,e) the known one. It returns 0, or the answer to give.
//
//wasm:small
func startFrom(p, e ptr) uint64 {
	if bad := utf8Bad(p, e); bad < e {
		start, stop := pay, end
		pay, end = p, e // what the reason is about
		reason := utf8Reason(bad)
		pay, end = start, stop
		return finishWith(exitFalse, vm.Lit("unable to parse current schema into string: "), reason)
	}
	if what := jsonFault(p, e); what != faultNone {
		return finishWith(exitFalse, vm.Lit("unable to parse current schema json: "), faultReason(what, p))
	}
	seedKnown(p)
	return 0
}

// rememberText prints the schema. A fresh one is printed as its one payload has
// it, alternatives apart, if that fits.
//
//wasm:small
func rememberText(fresh bool) bool {
	saved := top
	o := take(2*maxSchema + slack)
	if o == 0 {
		return false
	}
	n := uint32(0)
	if fresh {
		if root := shapeOfPayload(); root != 0 {
			n = printShape(root, o)
		}
	}
	if n == 0 {
		root := shapeOfKnown()
		if root == 0 {
			return false
		}
		n = printShape(root, o)
	}
	top = saved
	if n == 0 {
		return true // cannot be: knownCost bounds it
	}
	vm.Copy(State+stateText, o, n)
	vm.Store(State+stateText+n, vm.Splat('"'))
	knownText = n
	if dropped { // read the text anew, to drop what became unreachable
		forget()
		seedKnown(State + stateText)
		known = true
	}
	return true
}

// answerSchema answers TRUE with the payload and the schema.
//
//wasm:small
func answerSchema(message vm.Text) uint64 {
	if !room(end + textLen(message) + knownText + slack) {
		return outOfMemory()
	}
	o := putTail(end, exitTrue, message)
	o = putv(put(o, 0x22), knownText)
	vm.Copy(o, State+stateText, knownText)
	return done(putHead(pay, end-pay), o+knownText)
}

// notJSON answers that the payload is not JSON.
//
//wasm:small
func notJSON() uint64 {
	what := jsonFault(pay, end)
	if what == faultNone {
		return outOfMemory()
	}
	return finishWith(exitFalse, vm.Lit("invalid payload json: "), faultReason(what, pay))
}
