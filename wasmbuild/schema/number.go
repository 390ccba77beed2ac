package schema

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds exponents in a schema: what lies beyond is no number that a
// payload can have.
const maxExponent = 400

// numberOf reads a JSON number exactly.
func numberOf(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	if _, e, ok := strings.Cut(strings.ToLower(string(n)), "e"); ok {
		if x, err := strconv.Atoi(e); err != nil || x < -maxExponent || x > maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(string(n))
}

// numberKeywords reads minimum, maximum, their exclusive forms, and multipleOf.
func (c *compiler) numberKeywords(k *check, p place, object map[string]any) error {
	var n numberCheck
	n.low = c.bound(object, "minimum", "exclusiveMinimum", -1)
	n.high = c.bound(object, "maximum", "exclusiveMaximum", 1)
	if unit, ok := numberOf(object["multipleOf"]); ok {
		if unit.Sign() <= 0 {
			return p.wrong("multipleOf must be above 0")
		}
		if n.unit, n.scale, ok = scaled(unit); !ok {
			return p.wrong("multipleOf has more than 17 digits")
		}
		n.label = label("multipleOf", object["multipleOf"])
	}
	if n.low.at != nil || n.high.at != nil || n.unit != 0 {
		k.number = &n
	}
	return nil
}

// bound reads one end of the range. In draft 4 the exclusive keyword says of the
// other one whether the end belongs to the range; later it is an end of its own.
func (c *compiler) bound(object map[string]any, keyword, exclusive string, sign int) end {
	e := end{inclusive: true, label: label(keyword, object[keyword])}
	e.at, _ = numberOf(object[keyword])
	if c.draft == Draft4 {
		if strict, _ := object[exclusive].(bool); strict && e.at != nil {
			e.inclusive = false
			e.label += " exclusive"
		}
		return e
	}
	other, ok := numberOf(object[exclusive])
	if ok && (e.at == nil || other.Cmp(e.at)*sign <= 0) {
		return end{at: other, label: label(exclusive, object[exclusive])}
	}
	return e
}

// scaled writes a positive number as unit * 10^scale with the least unit.
func scaled(r *big.Rat) (unit uint64, scale int, ok bool) {
	n, scale := decimal(r)
	const most = 1 << 60 / 10 // the kernel multiplies by ten
	return n.Uint64(), scale, n.IsUint64() && n.Uint64() < most
}

// decimal writes |r|, which is a decimal and not 0, as n * 10^scale with the least n.
func decimal(r *big.Rat) (n *big.Int, scale int) {
	ten := big.NewInt(10)
	n, d := new(big.Int).Abs(r.Num()), r.Denom()
	for ; !d.IsInt64() || d.Int64() != 1; scale-- { // the denominator divides a power of ten
		x := new(big.Rat).SetFrac(n.Mul(n, ten), d)
		n, d = new(big.Int).Set(x.Num()), x.Denom()
	}
	for {
		q, m := new(big.Int).QuoRem(n, ten, new(big.Int))
		if m.Sign() != 0 {
			return n, scale
		}
		n = q
		scale++
	}
}
