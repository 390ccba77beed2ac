package lang

func ifElse(a, b uint32) uint32 {
	if a < b {
		return 1
	} else if a == b {
		return 2
	} else {
		b++
	}
	return b
}

func ifInit(a uint32) uint32 {
	if b := a * 2; b > 10 {
		return b
	} else if c := b + 1; c > 5 {
		return c
	}
	return a
}

func shortCircuit(a, b, c uint32) uint32 {
	r := uint32(0)
	if a > b && b > c || c == 7 {
		r |= 1
	}
	if !(a > b || b > c) {
		r |= 2
	} else {
		r |= 4
	}
	for a > 0 && (b > 0 || c > 0) {
		a &= 0xff
		b &= 0xff
		c &= 0xff
		if a--; b > 0 {
			b--
		} else {
			c--
		}
		r += 8
	}
	v := a > b && c < a
	if v != (a > b) {
		r ^= 1 << 31
	}
	return r
}

// counted is a side effect that shows what has been evaluated.
var counted uint32

func count(v bool) bool {
	counted++
	return v
}

func evaluations(a, b bool) uint32 {
	counted = 0
	if count(a) && count(b) {
		counted += 10
	}
	if count(a) || count(b) {
		counted += 100
	}
	v := count(b) && count(a) || count(b)
	if v {
		counted += 1000
	}
	return counted
}

func sum(n uint32) uint32 {
	n &= 0xff
	s := uint32(0)
	for i := uint32(0); i < n; i++ {
		if i == 3 {
			continue
		}
		if i == 200 {
			break
		}
		s += i
	}
	return s
}

func endless(n uint32) uint32 {
	n &= 0xff
	for {
		if n%7 == 0 {
			return n
		}
		n++
	}
}

// nestedBreak leaves the inner loop only; the outer one ends by return.
func nestedBreak(n uint32) uint32 {
	n &= 0xff
	for {
		for {
			n++
			if n%3 == 0 {
				break
			}
		}
		if n > 300 {
			return n
		}
	}
}

func labels(n uint32) uint32 {
	n &= 0x3f
	s := uint32(0)
outer:
	for i := uint32(0); i < n; i++ {
		for j := uint32(0); j < n; j++ {
			switch {
			case j == i:
				continue outer
			case i*j > 200:
				break outer
			case j > 20:
				break
			}
			s += i ^ j
		}
		s += 1000
	}
	return s
}

func ranges(n uint32) uint32 {
	s := uint32(0)
	for i := range n & 0x1f {
		s = s*31 + i
		i += 5 // changes only this round's copy
		s ^= i
	}
	for range uint8(n) {
		s++
	}
	for i := range int32(n) % 50 {
		if i == 30 {
			break
		}
		s += uint32(i)
	}
	return s
}

func switches(a uint32) uint32 {
	switch a {
	case 1:
		return 10
	case 2, 3:
		a += 100
	default:
		a ^= 5
	case 1000000:
		if a > 1 {
			break
		}
		a = 7
	}
	return a + 1
}

func denseSwitch(a uint32) uint32 {
	switch a & 15 {
	case 3:
		return 30
	case 4, 5:
		a += 2
	case 6:
		return 60
	case 9:
		a *= 3
	case 10, 7:
		break
	case 12:
		for {
			if a++; a%5 == 0 {
				break
			}
		}
	default:
		return 1
	}
	return a
}

func denseSigned(a int32) int32 {
	switch a {
	case -3:
		return 1
	case -2:
		return 2
	case -1:
		return 3
	case 0:
		return 4
	case 1:
		return 5
	case 2:
		return 6
	}
	return 0
}

func byteSwitch(c uint8) uint32 {
	switch c {
	case '"', '\\', '/':
		return uint32(c)
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	}
	return 0
}

func switchInit(a, b uint32) (r uint32) {
	switch c := a % 3; {
	case c == 0 && b > 4:
		r = 1
	case c == 1 || b == 0:
		r = 2
	}
	switch b := b & 1; b == 1 {
	case true:
		r += 10
	case false:
		r += 20
	}
	switch a {
	case b:
		r += 100
	case b + 1:
		r += 200
	}
	return
}

func namedResults(a, b uint32) (q, r uint32, ok bool) {
	if b == 0 {
		return
	}
	q, r = a/b, a%b
	ok = true
	return
}

func useResults(a, b uint32) uint32 {
	q, _, ok := namedResults(a, b)
	if !ok {
		return 0
	}
	_, r, _ := namedResults(b, a|1)
	return q ^ r
}

func swap(a, b uint32) (uint32, uint32) {
	a, b = b, a
	return a, b
}

func passResults(a, b uint32) (uint32, uint32) { return swap(swap(a, b)) }

func shadow(a uint32) uint32 {
	b := a
	{
		b := b + 1
		a += b
		var c, d uint32 = 3, b
		a += c * d
	}
	var e uint32
	for i := uint32(0); i < 3; i++ {
		var fresh uint32 // zero in every round
		fresh += i
		e += fresh
	}
	return a ^ b ^ e
}

// zeros declares variables that are zero again in every round.
func zeros(n uint32) (total uint32) {
	n &= 15
	s, seen := uint32(0), false
	for i := range n {
		k := uint32(0)
		found := false
		for j := uint32(0); j < i; j++ {
			k += j
			found = true
		}
		at, _ := search(k, k+i)
		s += k ^ at
		seen = seen || found
		for {
			r := uint32(0)
			if r += s; r > i {
				s -= i & 1
				break
			}
			s++
		}
	}
	if seen {
		total++
	}
	return total + s
}

// unusedNames names results that it never mentions.
func unusedNames(a uint32) (first, second uint32, third bool) {
	if a > 5 {
		return a, 1, true
	}
	return 1, a, a == 3
}

func breaksOut(n uint32) uint32 {
	for n &= 0xff; ; n++ {
		switch {
		case n%5 == 0:
			continue
		case n%7 == 0:
			break
		case n > 256:
			return n
		}
		if n%11 == 3 {
			break
		}
	}
	return n + 1000
}

func switchTag(a uint32) uint32 {
	switch a {
	case 7:
		a = 9
	case 9:
		a = 7
	case a:
		a++
	}
	return a
}

func opAssign(a, b uint32) uint32 {
	a += b
	a -= 3
	a *= b
	a |= 1 << 20
	a &= 0xffffff
	a ^= b
	a &^= 0xf0
	a /= 3
	a %= 1000
	a--
	a++
	return a
}

func recursive(n uint32) uint32 {
	n &= 15
	if n < 2 {
		return n
	}
	return recursive(n-1) + recursive(n-2)
}

func panics(a uint32) uint32 {
	if a == 13 {
		panic("unlucky")
	}
	return a
}
