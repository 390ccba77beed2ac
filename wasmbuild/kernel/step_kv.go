package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A key-value rule's constants. What the host gets is a KVStep: AskHead, for a
// dynamic key that key, AskTail.
var (
	AskHead    ptr
	AskHeadLen uint32
	AskTail    ptr
	AskTailLen uint32
)

const kvField = 1006 // PipelineStep.kv

// kvExists has the host look a key up: a KVStep in, a KVStepResponse out.
//
//wasm:import env kvExists
func kvExists(p ptr, n uint32) uint64 { return nativeKVExists(p, n) }

// kvStatic is the entry of rules whose key is a constant.
//
//wasm:small
func kvStatic(p, n uint32) uint64 {
	if answer := beginKV(p, n); answer != 0 {
		return answer
	}
	return askKV(AskHead, AskHeadLen)
}

// kvDynamic is the entry of rules whose key is in the payload, at the rule's path.
//
//wasm:small
func kvDynamic(p, n uint32) uint64 {
	if answer := beginKV(p, n); answer != 0 {
		return answer
	}
	if pay == end {
		return finish(exitFalse, text(NotFound, NotFoundLen))
	}
	seal()
	v := find()
	if bad := utf8Rest(); bad < end {
		return finishWith(exitFalse, vm.Lit("unable to complete dynamic key lookup: error: unable to convert bytes to string: "), utf8Reason(bad))
	}
	e, esc := limit+1, false
	if v != 0 {
		e, esc = valueEnd(v, limit)
	}
	if e > limit {
		return finish(exitFalse, text(NotFound, NotFoundLen))
	}
	v, e = textForm(vm.U8(v), v, e, esc)
	if v == 0 {
		return outOfMemory()
	}
	o := take(AskHeadLen + 16 + (e - v) + AskTailLen)
	if o == 0 {
		return outOfMemory()
	}
	q := putBytes(o, AskHead, AskHeadLen)
	if e > v {
		q = puts(q, 0x1a, v, e-v)
	}
	return askKV(o, putBytes(q, AskTail, AskTailLen)-o)
}

// beginKV checks the request, whose payload may be empty. It returns 0, or the answer to give.
//
//wasm:small
func beginKV(p, n uint32) uint64 {
	switch bad := openAsking(p, n, kvField); bad {
	case requestFine, requestEmpty:
		return 0
	case requestOther:
		return fail(vm.Lit("invalid wasm request: kv step must be set"))
	default:
		return refuse(bad, vm.Lit("unable to parse request: "))
	}
}

// askKV hands the KVStep of n bytes at p to the host and answers with what it says.
//
//wasm:small
func askKV(p ptr, n uint32) uint64 {
	asked = top
	if bad := readAnswer(kvExists(p, n)); bad != requestFine {
		return badAnswer(exitError, bad, vm.Lit("unable to parse kv step response: "))
	}
	o := take(6*(hostTextEnd-hostText) + 16)
	if o == 0 {
		return outOfMemory()
	}
	q := putQuoted(o, hostText, hostTextEnd)
	switch {
	case q == 0:
		return badAnswer(exitError, answerNoText, vm.Lit("unable to parse kv step response: "))
	case hostNumber == 0:
		return finish(exitFalse, vm.Lit("unable to validate kv step response: KV status must be set"))
	case hostNumber > exitError:
		return finish(exitFalse, vm.Lit("unable to validate kv step response: unable to get KV status"))
	}
	// a KVStatus is numbered as exit codes are: success, failure, error
	return finishStep(hostNumber, vm.Lit("kv step response: "), text(o, q-o), hostMore, hostMoreEnd)
}
