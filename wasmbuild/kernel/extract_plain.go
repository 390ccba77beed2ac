package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// extractPlain is the entry of rules that keep the spans which a detective found
// in plain text, each on a line of its own.
//
//wasm:small
func extractPlain(p, n uint32) uint64 {
	if answer := beginTransform(p, n, vm.Lit("unable to parse data as UTF-8: ")); answer != 0 {
		return answer
	}
	from := top + headRoom
	o := from
	m, e := matchList()
	if Static != 0 {
		m = 0
	}
	first := nextMatch(m, e)
	for q := first; q != 0; q = nextMatch(q, e) {
		if answer := badLimits(matchStart, matchEnd); answer != 0 {
			return answer
		}
		s, t := wholeSpan()
		if o-from > maxExtract || !room(o+(t-s)+slack) {
			return outOfMemory()
		}
		if q != first {
			o = put(o, '\n')
		}
		o = copied(o, s, t)
	}
	return done(putHead(from, o-from), putTail(o, exitTrue, vm.Lit(transformed)))
}
