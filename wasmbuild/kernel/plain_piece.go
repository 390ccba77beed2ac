package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a byte is in a piece of text. Characters outside ASCII are letters unless
// they are listed as breaks.
const (
	pieceBreak  = 1  // parts pieces
	pieceDigit  = 2  //
	pieceAt     = 4  // @
	pieceJoint  = 8  // may also part them: / : +
	pieceDollar = 16 // $
	pieceMark   = 32 // does not count at a piece's ends: . ! ? ' * ~ and the like
)

// pieceBytes says what each ASCII character is.
var pieceBytes = [128]uint8{
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	' ': 1, '"': 1, '&': 1, '(': 1, ')': 1, ',': 1, ';': 1, '<': 1, '=': 1, '>': 1, '[': 1, '\\': 1, ']': 1, '`': 1, '{': 1, '|': 1, '}': 1, 127: 1,
	'0': 2, '1': 2, '2': 2, '3': 2, '4': 2, '5': 2, '6': 2, '7': 2, '8': 2, '9': 2,
	'@': 4, '+': 8, '/': 8 | 32, ':': 8 | 32, '$': 16,
	'!': 32, '#': 32, '%': 32, '\'': 32, '*': 32, '.': 32, '?': 32, '^': 32, '~': 32,
}

// pieceBreaks are characters outside ASCII that part pieces: white space, punctuation and symbols.
var pieceBreaks = [...]uint8{
	0x81, 0x00, 0x2a, 0x01, 0x0a, 0x01, 0x04, 0x01, 0x05, 0xab, 0x40, 0x01, 0x92, 0x7f, 0x70, 0x82, 0x20, 0x94, 0x70, 0x88, 0x00, 0x05, 0x03, 0x19,
	0x83, 0x9b, 0x6f, 0x60, 0x81, 0x11, 0x0f, 0x83, 0xe1, 0x70, 0x96, 0x00,
}

// classAt returns what the character at p is, and the byte after it.
//
//wasm:inline
func classAt(p ptr) (class uint32, next ptr) {
	c := vm.U8(p)
	if c < 0x80 {
		return uint32(pieceBytes[c]), p + 1
	}
	return farClass(p)
}

//wasm:small
func farClass(p ptr) (class uint32, next ptr) {
	c, next := runeAt(p)
	if inRanges(c, vm.Addr(&pieceBreaks), uint32(len(pieceBreaks))) {
		return pieceBreak, next
	}
	return 0, next
}

// lookAtPiece looks for what the text holds at p: in the piece of text there if
// one starts there. It returns from where on to look next.
func lookAtPiece(p ptr) ptr {
	class, next := classAt(p)
	if class&pieceBreak != 0 {
		c := vm.U8(p)
		if c == '(' && digit(vm.U8(next)) {
			if q := numberAt(p); q != 0 {
				return q
			}
		}
		if d := vm.U8(next); c == '\\' && (d == 'n' || d == 'r' || d == 't') {
			next++ // a line break or tab in a JSON string
		}
		return next
	}
	has := class
	q := next
	for {
		class, next = classAt(q)
		if class&pieceBreak != 0 || q >= end {
			break
		}
		has |= class
		q = next
	}
	if has&(pieceDigit|pieceAt|pieceJoint|pieceDollar) == 0 && q-p < minWordKind && q-p != 2 {
		return q
	}
	if found := findInPiece(p, q, has); found != 0 {
		return found
	}
	return q
}

// minWordKind is how long a piece must be to be found without digits and such.
const minWordKind = 16

// findInPiece looks for what the piece [p,e) of text holds. It returns the byte after
// what it found, or 0.
//
//wasm:small
func findInPiece(p, e ptr, has uint32) ptr {
	if has&pieceAt != 0 {
		findEmails(p, e)
		return 0
	}
	if has&pieceDollar != 0 {
		if q := hashAt(p); q != 0 {
			return q
		}
	}
	if q := wholePiece(p, e); q != 0 {
		return q
	}
	if has&pieceJoint != 0 {
		return max(e, findInParts(p, e, '/'))
	}
	return 0
}

// findInParts looks at the parts of the piece [p,e) between separators: first
// between slashes, then between colons, then from each plus on.
//
//wasm:small
func findInParts(p, e ptr, sep uint32) (after ptr) {
	for from := p; from < e; {
		to := from + 1
		for to < e && vm.U8(to) != sep {
			to++
		}
		if from > p || to < e || sep != '+' {
			q := wholePiece(from, to)
			if q == 0 && sep == '/' {
				q = findInParts(from, to, ':')
			} else if q == 0 && sep == ':' {
				q = findInParts(from, to, '+')
			}
			after = max(after, q)
		}
		from = max(to, after)
		if sep != '+' && from == to {
			from++
		}
	}
	return after
}

// wholePiece looks at [p,e) as a whole, marks around it aside. It returns the
// byte after what it found, or 0.
//
//wasm:small
func wholePiece(p, e ptr) ptr {
	for p < e && vm.U8(p) < 0x80 && uint32(pieceBytes[vm.U8(p)])&pieceMark != 0 && vm.U8(p) != ':' {
		p++
	}
	for p < e && vm.U8(e-1) < 0x80 && uint32(pieceBytes[vm.U8(e-1)])&pieceMark != 0 {
		e--
	}
	if p == e {
		return 0
	}
	c := vm.U8(p)
	if digit(c) || c == '+' {
		if q := numberAt(p); q != 0 {
			return q
		}
	}
	if letter(c) && e-p < 5 {
		return spacedAt(p, e)
	}
	kind := wordKind(p, e)
	if kind == 0 {
		return 0
	}
	foundPlain(p, e, kind)
	return e
}

// findEmails looks for e-mail addresses around each @ in [p,e).
//
//wasm:small
func findEmails(p, e ptr) {
	for at := findByte(p, e, vm.Splat('@')); at < e; at = findByte(at+1, e, vm.Splat('@')) {
		from, to := at, at+1
		for from > p && mayStandInLocal(vm.U8(from-1)) {
			from--
		}
		for from < at && vm.U8(from) < 0x80 && !alnum(vm.U8(from)) && vm.U8(from) != '_' {
			from++
		}
		for to < e && (alnum(vm.U8(to)) || vm.U8(to) == '-' || vm.U8(to) == '.' || vm.U8(to) >= 0x80) {
			to++
		}
		if to < e && vm.U8(to) == '@' || from > p && vm.U8(from-1) == '@' {
			continue
		}
		for to > at && (vm.U8(to-1) == '.' || vm.U8(to-1) == '-') {
			to--
		}
		if matchEmail('"', from, to) {
			foundPlain(from, to, vm.Lit("Person"))
		}
	}
}

// mayStandInLocal says whether c may stand before the @ of an address in text.
//
//wasm:inline
func mayStandInLocal(c uint32) bool { return c != '@' && c != '/' && c != ':' }
