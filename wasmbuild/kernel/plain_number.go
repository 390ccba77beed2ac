package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Numbers in text may be written in groups of digits, with a hyphen, dot or space
// between each two.

// What a number may be after each of its groups.
const (
	groupEnd    = 0  // where it ends
	groupShape  = 8  // how many digits each group has so far, four bits each
	groupTotal  = 16 // how many digits there are so far
	groupHow    = 20 // what is between the groups
	groupSize   = 24
	maxGroups   = 10
	withSpaces  = 1
	withDots    = 2
	withPlus    = 4
	cannotEnd   = 8
	withHyphens = 16
)

var numberGroups [maxGroups * groupSize]uint8

// numberAt looks for a number of some kind at p: as many groups as possible. It
// returns the byte after it, or 0.
//
//wasm:small
func numberAt(p ptr) ptr {
	g := readGroups(p)
	for g != vm.Addr(&numberGroups) {
		g -= groupSize
		how := vm.U32(g + groupHow)
		if how&cannotEnd != 0 {
			continue
		}
		e := vm.U32(g + groupEnd)
		kind := numberKind(p, e, vm.U64(g+groupShape), vm.U32(g+groupTotal), how)
		if kind != 0 {
			foundPlain(p, e, kind)
			return e
		}
	}
	return 0
}

// readGroups notes the groups of the number at p, and returns the end of what it noted.
//
//wasm:small
func readGroups(p ptr) ptr {
	g := vm.Addr(&numberGroups)
	shape, total, how, paren := uint64(0), uint32(0), uint32(0), false
	if vm.U8(p) == '+' {
		how = withPlus
		p++
	}
	for ; g < vm.Addr(&numberGroups)+maxGroups*groupSize; g += groupSize {
		if vm.U8(p) == '(' && !paren {
			paren = true
			p++
		}
		from := p
		for digit(vm.U8(p)) && p < end {
			p++
		}
		if p == from {
			break
		}
		total += p - from
		shape = shape<<4 | uint64(min(p-from, 15))
		may := how
		if !endsPiece(p) || paren {
			may |= cannotEnd
		}
		vm.Put32(g+groupEnd, p)
		vm.Put64(g+groupShape, shape)
		vm.Put32(g+groupTotal, total)
		vm.Put32(g+groupHow, may)
		next, with := nextGroup(p, paren)
		if next == 0 {
			return g + groupSize
		}
		if vm.U8(p) == ')' {
			paren = false
		}
		how |= with
		p = next
	}
	return g
}

// nextGroup returns where the group after the one that ends at p starts, and
// what is between them; 0 if there is none.
//
//wasm:small
func nextGroup(p ptr, paren bool) (next ptr, with uint32) {
	c := vm.U8(p)
	if c == ')' && paren {
		p++
		c = vm.U8(p)
		if digit(c) {
			return p, withSpaces
		}
	}
	q := p + 1
	switch {
	case c == '-':
		with = withHyphens
	case c == '.':
		with = withDots
	case c == ' ':
		with = withSpaces
	case c == 0xc2 && vm.U8(q) == 0xa0:
		q++
		with = withSpaces
	default:
		return 0, 0
	}
	if q < end && (digit(vm.U8(q)) || with == withSpaces && vm.U8(q) == '(' && digit(vm.U8(q+1))) {
		return q, with
	}
	return 0, 0
}

// numberKind returns the kind of data that the number [p,e) is, or 0.
//
//wasm:small
func numberKind(p, e ptr, shape uint64, total, how uint32) vm.Text {
	if how&(withPlus|withDots) == 0 {
		switch {
		case total == 9 && how&withSpaces == 0 && matchSSN('"', p, e):
			return vm.Lit("Person")
		case e-p == 17 && total == 17 && matchVIN('"', p, e):
			return vm.Lit("Vehicle_Information")
		case (shape == 0x9 || shape == 0x333) && matchSIN('"', p, e):
			return vm.Lit("Person")
		case total >= cardMin && (how&withSpaces == 0 || isCardShape(shape)) && matchCard('"', p, e):
			return vm.Lit("Billing")
		}
	}
	if isPhoneShape(shape, total, how) && matchPhone('"', p, e) {
		return vm.Lit("Person")
	}
	return 0
}

// isCardShape says whether card numbers are written in such groups.
//
//wasm:small
func isCardShape(shape uint64) bool {
	return shape == 0x4444 || shape>>4 == 0x4444 && shape&15 < 4 || shape == 0x465 || shape == 0x464 || shape == 0x4441
}

// isPhoneShape says whether phone numbers are written in such groups.
//
//wasm:small
func isPhoneShape(shape uint64, total, how uint32) bool {
	if how&withPlus != 0 {
		return how&withSpaces == 0 || total < 14
	}
	if shape == 0x334 || shape == 0x1334 {
		return true
	}
	return how&withDots == 0 && (shape == 0xa || shape == 0xb || shape == 0x37 || shape == 0x1a || shape == 0x137)
}
