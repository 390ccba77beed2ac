package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Rules that ask their host take these parts of a request and of the answer.
var (
	step, stepEnd ptr // the request's step
	asked         ptr // an answer lies in [asked,top): only alloc gives a host a place for it

	hostNumber            uint32 // field 1
	hostText, hostTextEnd ptr    // field 2
	hostMore, hostMoreEnd ptr    // field 3; hostMore is 0 when it is absent
)

// What can be wrong beyond a request that cannot be read.
const (
	requestOther = requestEmpty + 1 + iota // it carries no step of the rule's kind
	answerNoText                           // an answer's text is not UTF-8
)

// openAsking is open for rules that ask their host about a step of one kind,
// which is the field kind of PipelineStep. The request must carry such a step:
// what acts outside does not act on what is meant for another module.
//
//wasm:small
func openAsking(p ptr, n, kind uint32) uint32 {
	step, stepEnd = 0, 0
	bad := open(p, n)
	if bad != requestFine && bad != requestEmpty {
		return bad
	}
	step, stepEnd = lastField(request, requestEnd, 1, 1)
	if body, _ := lastField(step, stepEnd, kind, kind); body == 0 {
		return requestOther
	}
	return bad
}

// readAnswer takes a host's answer apart: its address<<32 | length. No answer is
// an empty one. It returns what is wrong with it.
//
//wasm:small
func readAnswer(at uint64) uint32 {
	hostNumber, hostText, hostTextEnd, hostMore, hostMoreEnd = 0, 0, 0, 0, 0
	p, n := ptr(at>>32), uint32(at)
	if n == 0 {
		return requestFine
	}
	if p < asked || p > top || n > top-p {
		return requestShort
	}
	for e := p + n; p < e; {
		fieldTag = 1 << 3
		p = nextField(p, e)
		field, wire := fieldTag>>3, fieldTag&7
		switch {
		case field == 0 || wire > 5:
			return requestTag
		case field == 1 && wire != 0 || field-2 < 2 && wire != 2 || wire-3 < 2:
			return requestWireType
		case p == 0 || p > e:
			return requestShort
		}
		switch field {
		case 1:
			hostNumber = uint32(fieldValue)
		case 2:
			hostText, hostTextEnd = fieldAt, p
		case 3:
			hostMore, hostMoreEnd = fieldAt, p
		}
	}
	return requestFine
}

// badAnswer answers that the host's answer cannot be read.
//
//wasm:small
func badAnswer(code, bad uint32, prefix vm.Text) uint64 {
	reason := vm.Lit("Unexpected EOF")
	switch bad {
	case requestWireType:
		reason = vm.Lit("Unexpected wire type")
	case requestTag:
		reason = vm.Lit("Incorrect tag")
	case answerNoText:
		reason = vm.Lit("Invalid UTF-8 sequence")
	}
	return finishWith(code, prefix, reason)
}
