package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// transformPlain is the entry of rules which change plain text: spans of bytes.
//
//wasm:small
func transformPlain(p, n uint32) uint64 {
	if answer := beginTransform(p, n, vm.Lit("unable to convert bytes to string: ")); answer != 0 {
		return answer
	}
	if answer := gather(); answer != 0 {
		return answer
	}
	if !beginEdits() {
		return outOfMemory()
	}
	covered := pay
	for t := targets; t < targetsEnd; t += targetSize {
		from, to := max(vm.U32(t), covered), vm.U32(t+targetEnd)
		if from >= to {
			continue // part of the spans before
		}
		if !change(from, to) {
			return outOfMemory()
		}
		covered = to
	}
	return applyEdits()
}

// noSpans is gather for plain text without a detective's matches: each path
// stands for an empty span, which is refused.
//
//wasm:small
func noSpans() uint64 {
	targets, targetsEnd = top, top
	if PlaceCount > 0 {
		return badSpan(0, 0)
	}
	return 0
}

// gatherSpans is gather for plain text.
//
//wasm:small
func gatherSpans() uint64 {
	targets = (top + 15) &^ 15
	targetsEnd = targets
	m, e := matchList()
	if nextMatch(m, e) == 0 {
		return noSpans()
	}
	for q := nextMatch(m, e); q != 0; q = nextMatch(q, e) {
		if answer := badSpan(matchStart, matchEnd); answer != 0 {
			return answer
		}
		from, to := wholeSpan()
		addTarget(from, 0, to, 0)
		if targetsEnd == 0 {
			return outOfMemory()
		}
	}
	arrange()
	return 0
}

// wholeSpan is where the match lies. Of characters that it cuts it takes in all.
//
//wasm:small
func wholeSpan() (from, to ptr) {
	from, to = pay+uint32(matchStart), pay+uint32(matchEnd)
	for from > pay && from < end && vm.U8(from)&0xc0 == 0x80 {
		from--
	}
	for to < end && vm.U8(to)&0xc0 == 0x80 {
		to++
	}
	return from, to
}

// badSpan answers if [from,to) is no span of the payload; else it returns 0.
//
//wasm:small
func badSpan(from, to int32) uint64 {
	if to == from {
		return spanReversed()
	}
	return badLimits(from, to)
}

//wasm:small
func spanReversed() uint64 {
	return sayFailed(vm.Lit("end index must be greater than start index"), 0)
}

// badLimits is badSpan for spans that may be empty.
//
//wasm:small
func badLimits(from, to int32) uint64 {
	switch {
	case to < from:
		return spanReversed()
	case to > int32(end-pay):
		return sayFailed(vm.Lit("end character out of bounds"), 0)
	case from < 0:
		return sayFailed(vm.Lit("start character out of bounds"), 0)
	}
	return 0
}

// changeCut removes a span.
//
//wasm:small
func changeCut(p, e ptr) bool {
	addEdit(p, e, 0, 0)
	return true
}

// changePlainHash replaces a span by its hash.
//
//wasm:small
func changePlainHash(p, e ptr) bool {
	o := take(hashLen)
	if o == 0 {
		return false
	}
	putHash(o, p, e-p)
	addEdit(p, e, o, hashLen)
	return true
}

// changePlainMask replaces the first characters of a span, as many as 80 % of
// its bytes, by the rule's character.
//
//wasm:small
func changePlainMask(p, e ptr) bool {
	o := take(InsertLen*(e-p) + 32)
	if o == 0 {
		return false
	}
	q, s := o, p
	for times := masked(e - p); times > 0 && s < e; times-- {
		q = putBytes(q, Insert, InsertLen)
		for s++; s < e && vm.U8(s)&0xc0 == 0x80; s++ {
		}
	}
	addEdit(p, s, o, q-o)
	top = q
	return true
}

// changePlainTruncate removes the last Amount bytes of a span, or with Percent
// so many percent of it. A longer Amount than the span changes nothing.
//
//wasm:small
func changePlainTruncate(p, e ptr) bool {
	n := e - p
	kept := n
	switch {
	case Percent != 0:
		kept = roundPercent(n, 100-min(Amount, 100))
	case Amount <= n:
		kept = n - Amount
	}
	addEdit(p+wholeRunes(p, kept), e, 0, 0)
	return true
}
