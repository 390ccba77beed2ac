package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// An HTTP rule's constants.
var (
	HTTPRequest    ptr // the HttpRequest in wire form; without its body when HTTPBody is set
	HTTPRequestLen uint32
	HTTPBody       uint32 // 1: the payload is the body
)

const (
	httpField      = 1005 // PipelineStep.http_request
	firstStepField = 1000 // the fields of which a step has one
	lastStepField  = 1009
)

// sendHTTP has the host make a request: a WASMRequest in, an HttpResponse out.
//
//wasm:import env httpRequest
func sendHTTP(p ptr, n uint32) uint64 { return nativeHTTPRequest(p, n) }

// httpStep is the entry of rules that have the host make an HTTP request.
//
// The host finds what to send in the step that it is handed. Who asks is told by
// the request's step: name, conditions, module. What is sent is the rule's.
//
//wasm:small
func httpStep(p, n uint32) uint64 {
	switch bad := openAsking(p, n, httpField); bad {
	case requestFine, requestEmpty:
	case requestOther:
		return fail(vm.Lit("invalid wasm request: httprequest is required"))
	default:
		return refuse(bad, 0)
	}
	o := take(2*n + HTTPRequestLen + 64)
	if o == 0 {
		return outOfMemory()
	}
	q := putAsking(o + 16)
	if q == 0 {
		return refuse(requestShort, 0)
	}
	from := putHead(o+16, q-o-16)
	q = putRest(q)
	asked = top
	if bad := readAnswer(sendHTTP(from, q-from)); bad != requestFine {
		return badAnswer(exitFalse, bad, vm.Lit("unable to parse response: "))
	}
	if hostText == 0 {
		hostText, hostTextEnd = request, request // there is always a body, if only an empty one
	}
	if hostNumber-200 < 100 {
		return finishStep(exitTrue, vm.Lit("completed http request"), 0, hostText, hostTextEnd)
	}
	o = take(16)
	if o == 0 {
		return outOfMemory()
	}
	return finishStep(exitFalse, vm.Lit("Request returned non-200 response code: "), text(o, putSigned(o, hostNumber)-o), hostText, hostTextEnd)
}

// putAsking writes what the host is to see of the step: what the request's step
// says about itself, and what the rule sends. It returns 0 if the request's step
// is malformed.
//
//wasm:small
func putAsking(o ptr) ptr {
	p := step
	for p < stepEnd {
		next := nextField(p, stepEnd)
		if next == 0 || next > stepEnd {
			return 0
		}
		number := fieldTag >> 3
		if number < firstStepField || number > lastStepField && HTTPBody == 0 {
			vm.Copy(o, p, next-p)
			o += next - p
		}
		p = next
	}
	n, size := HTTPRequestLen, end-pay
	if HTTPBody != 0 {
		n += 1 + vlen(size) + size
	}
	o = put(put(o, httpField<<3&127|2|128), httpField<<3>>7)
	o = putv(put(putv(o, 1+vlen(n)+n), 0x0a), n)
	o = putBytes(o, HTTPRequest, HTTPRequestLen)
	if HTTPBody != 0 {
		o = puts(o, 0x1a, pay, size)
	}
	return o
}

// putRest writes what follows the step in a request. Without a body of its own,
// the rule hands the payload's format on too.
//
//wasm:small
func putRest(o ptr) ptr {
	if pay < end {
		o = puts(o, 0x12, pay, end-pay)
	}
	if result != 0 {
		o = puts(o, 0x22, result, resultEnd-result)
	}
	if dataFormat != 0 && HTTPBody == 0 {
		o = putv(put(o, 0x28), dataFormat)
	}
	return o
}

// putSigned appends a signed number in decimal.
//
//wasm:small
func putSigned(o ptr, v uint32) ptr {
	if int32(v) < 0 {
		o, v = put(o, '-'), -v
	}
	return putDecimal(o, v)
}
