package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Schema validation interprets a check program over the payload's text: nothing
// is parsed into a tree. Package schema writes the program; see its layout files.

// CheckRoot is the program's first check; CheckNegate is 1 if the step asks
// whether the payload does not match.
var CheckRoot, CheckNegate uint32

// checkSchema is the entry of schema validation.
//
//wasm:small
func checkSchema(p, n uint32) uint64 {
	switch bad := open(p, n); bad {
	case requestFine:
	case requestEmpty:
		step, stepEnd := lastField(p, p+n, 1, 1)
		if kind, _ := lastField(step, stepEnd, 1000, 1009); kind == 0 || foundField != 1009 {
			return fail(vm.Lit("invalid wasm request: schema_validation is required"))
		}
		return fail(vm.Lit("invalid wasm request: payload cannot be empty"))
	default:
		return refuse(bad, 0)
	}
	seal()
	if utf8Bad(pay, end) < end {
		return checkNotJSON()
	}
	switch checkPayload() {
	case checkNoMemory:
		return outOfMemory()
	case checkTooLong:
		return fail(vm.Lit("error: schema validation gave up after 16777216 steps; make the schema simpler"))
	case checkBroken:
		return checkNotJSON()
	}
	code := uint32(exitTrue)
	if (failCount == 0) == (CheckNegate != 0) {
		code = exitFalse
	}
	if failCount == 0 {
		return finish(code, vm.Lit("payload matches schema"))
	}
	list := failureList()
	if list == 0 {
		return outOfMemory()
	}
	return finishWith(code, vm.Lit("payload does not match schema, invalid fields: "), list)
}

// checkNotJSON answers that the payload is not JSON.
//
//wasm:small
func checkNotJSON() uint64 {
	what := jsonFault(pay, end)
	if bad := utf8Bad(pay, end); bad < end && (what == faultNone || faultAt > bad) {
		// text that is not UTF-8 is noticed where its string ends
		for p := pay; p < bad; p++ {
			if vm.U8(p) != '"' {
				continue
			}
			if p, _ = stringEnd(p + 1); p > bad && (what == faultNone || p < faultAt) {
				what = fault(faultUnicode, p+1)
				break
			}
		}
	}
	if what == faultNone {
		return outOfMemory()
	}
	return finishWith(exitFalse, vm.Lit("invalid payload json: "), faultReason(what, pay))
}
