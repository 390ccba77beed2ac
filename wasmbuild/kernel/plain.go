package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// PII_PLAINTEXT_ANY looks at text: at the names in JSON objects within it, then
// at its words. Places are bytes of the payload, whatever its characters.

// textAt is where the text starts, while pay is a piece of it.
var textAt ptr

// matchPlain is the DetectiveType that records of words carry.
const matchPlain = 2037

// detectPlain is the entry of rules for plain text.
//
//wasm:small
func detectPlain(p ptr, n uint32) uint64 {
	if answer := beginDetective(p, n); answer != 0 {
		return answer
	}
	textAt = pay
	from, to := pay, end
	if !beginObjects() || !beginFold() || !beginRecords() {
		return outOfMemory()
	}
	foldedPay, foldedEnd := pay, end
	pay, end = from, to
	scanObjects()
	words := out
	pay, end = foldedPay, foldedEnd
	for p := pay; p < end && trouble == scanFine; {
		p = lookAtPiece(p)
	}
	pay, end = from, to
	if trouble == scanFine && words != matches && words != out {
		interleave(words)
	}
	if trouble == scanFine && Negate != 0 {
		// nothing to point at: what was looked for is not there
		code := uint32(exitTrue)
		if out != matches {
			code = exitFalse
		}
		return finish(code, vm.Lit(completed))
	}
	return endScan()
}

// foundPlain appends a record for the word [p,e).
//
//wasm:small
func foundPlain(p, e ptr, kind vm.Text) {
	if out-matches > maxMatches || !room(out+3*(e-p)+slack) {
		trouble = scanFull
		return
	}
	p = unfolded(p)
	e = unfolded(e)
	spanFrom, spanTo = p-textAt, e-textAt
	out = putFinding(out, matchPlain, 0, p, e-p, kind)
}

// interleave puts the records of words, from words on, between those before, in
// the order of the text. Of two for the same place the first stays.
//
//wasm:small
func interleave(words ptr) {
	a, b, stop := matches, words, out
	o := (out + 64 + 15) &^ 15
	if !room(o + (stop - a) + slack) {
		trouble = scanFull
		return
	}
	matches = o
	for a < words || b < stop {
		a0, a1, aNext := recordSpan(a, words)
		b0, b1, bNext := recordSpan(b, stop)
		if a0 <= b0 {
			if a0 == b0 && a1 == b1 {
				b = bNext
			}
			o = putBytes(o, a, aNext-a)
			a = aNext
		} else {
			o = putBytes(o, b, bNext-b)
			b = bNext
		}
	}
	out = o
}

// recordSpan returns where the record at p says its text is, and where the next
// record is. At the list's end, e, there is no place that is not before it.
//
//wasm:small
func recordSpan(p, e ptr) (from, to uint32, next ptr) {
	if p >= e {
		return noIndex, 0, p
	}
	q, n := varint(p+1, e)
	next = q + uint32(n)
	q, _ = varint(q+1, e) // the type
	q, n = varint(q+1, e) // the path
	q, n = varint(q+uint32(n)+1, e)
	from = uint32(n)
	_, n = varint(q+1, e)
	return from, uint32(n), next
}
