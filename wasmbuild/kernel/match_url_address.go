package kernel

// badNumber is more than any part of an IPv4 address may be.
const badNumber = 1 << 40

// labelNumber reads the label at p as a number as C writes them: 0x and hex
// digits, 0 and octal ones, or decimal ones. It returns badNumber if it is none,
// the place after the dot, and whether all of it is decimal digits.
//
//wasm:small
func labelNumber(p, e ptr) (v uint64, next ptr, digits bool) {
	radix, good := uint32(10), true
	for n := uint32(0); ; n++ {
		c, q := hostRune(p, e)
		p = q
		d := hexDigit(c)
		switch {
		case c == '.' || c == urlEnd:
			if n == 0 || !good {
				v = badNumber
			}
			return v, p, n > 0 && digits
		case n == 0:
			digits = true
			if c == '0' {
				radix = 8
			}
		case n == 1 && radix == 8 && c|32 == 'x':
			radix, digits = 16, false
			continue
		}
		digits = digits && d < 10
		good = good && d < radix
		v = min(v*uint64(radix)+uint64(d), badNumber)
	}
}

// addressOK says whether [p,e) is an IPv4 address of up to four numbers, the last
// one taking the place of those left out, and maybe a dot.
//
//wasm:small
func addressOK(p, e ptr) bool {
	for left := uint32(32); left > 0; left -= 8 {
		v, next, _ := labelNumber(p, e)
		if c, _ := hostRune(next, e); c == urlEnd {
			return v>>(left&63) == 0
		}
		if v > 255 {
			return false
		}
		p = next
	}
	return false
}
