package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// validStep is the entry of rules that say whether the payload is JSON.
func validStep(p, n uint32) uint64 {
	bad := begin(p, n)
	if bad != requestFine && bad != requestEmpty {
		return refuse(bad, vm.Lit("unable to read request: "))
	}
	if bad == requestEmpty {
		return finish(exitFalse, vm.Lit("invalid JSON"))
	}
	valid := validDocument(pay, end)
	if !valid || beyondASCII {
		if at := utf8Bad(pay, end); at < end {
			return finishWith(exitError, vm.Lit("unable to convert input_payload to string: "), utf8Reason(at))
		}
	}
	if !valid {
		return finish(exitFalse, vm.Lit("invalid JSON"))
	}
	return finish(exitTrue, 0)
}
