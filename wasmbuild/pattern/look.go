package pattern

// A place between two characters is judged by what stands on either side of it.
const (
	sideEdge   = iota // nothing: the text's start or end
	sideLetter        // a word character of ASCII
	sideWide          // another word character
	sideNewline
	sideReturn
	sideOther
	sides
)

// look is a condition on a place: a bit for each pair of sides that fulfil it,
// pairBit(before, after).
type look uint64

// anywhere is the condition that always holds.
const anywhere look = 1<<(sides*sides) - 1

func pairBit(before, after int) look { return 1 << (before*sides + after) }

// lookWhere is the condition that holds for the pairs that f says.
func lookWhere(f func(before, after int) bool) (l look) {
	for before := range sides {
		for after := range sides {
			if f(before, after) {
				l |= pairBit(before, after)
			}
		}
	}
	return l
}

var (
	textStart = lookWhere(func(before, _ int) bool { return before == sideEdge })
	textEnd   = lookWhere(func(_, after int) bool { return after == sideEdge })
	lineStart = lookWhere(func(before, _ int) bool { return before == sideEdge || before == sideNewline })
	lineEnd   = lookWhere(func(_, after int) bool { return after == sideEdge || after == sideNewline })

	// With flag R, \r\n, \r and \n all end a line.
	lineStartCRLF = lookWhere(func(before, after int) bool {
		return before == sideEdge || before == sideNewline || before == sideReturn && after != sideNewline
	})
	lineEndCRLF = lookWhere(func(before, after int) bool {
		return after == sideEdge || after == sideReturn || after == sideNewline && before != sideReturn
	})
)

// wordLook is the condition f on whether word characters stand before and after.
func wordLook(ascii bool, f func(before, after bool) bool) look {
	word := func(side int) bool { return side == sideLetter || side == sideWide && !ascii }
	return lookWhere(func(before, after int) bool { return f(word(before), word(after)) })
}

// The conditions about words.
func wordBoundary(before, after bool) bool   { return before != after }
func wordNoBoundary(before, after bool) bool { return before == after }
func wordStart(before, after bool) bool      { return !before && after }
func wordEnd(before, after bool) bool        { return before && !after }
func wordStartHalf(before, _ bool) bool      { return !before }
func wordEndHalf(_, after bool) bool         { return !after }
