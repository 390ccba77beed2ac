package wasmbuild

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// decimal is how the original writes numbers in arguments and values.
var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// parseFloat reads a number as the original does: decimals, inf, infinity and
// nan in any case. reason is empty, or says what is wrong in its words.
func parseFloat(s string) (f float64, reason string) {
	if s == "" {
		return 0, "cannot parse float from empty string"
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "inf", "infinity", "nan":
	default:
		if !decimal.MatchString(s) {
			return 0, "invalid float literal"
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, "invalid float literal"
	}
	return f, ""
}

// bound is an end of an interval of real numbers.
type bound struct {
	at        *big.Rat // nil: infinite
	negative  bool     // of an infinite end
	inclusive bool
}

// interval is a set of real numbers: those whose nearest float64 satisfies a
// comparison. An empty one has low above high.
type interval struct{ low, high bound }

var (
	lowest  = bound{negative: true, inclusive: true}
	highest = bound{inclusive: true}
	// overflow is the least number that rounds to infinity.
	overflow = new(big.Rat).SetInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 1024), new(big.Int).Lsh(big.NewInt(1), 970)))
)

// compare is the set of numbers x for which float64(x) op f holds; op is one of = < <= > >=.
func compare(op string, f float64) interval {
	if math.IsNaN(f) {
		return nothing()
	}
	low, high := rounding(f)
	switch op {
	case "=":
		return interval{low, high}
	case "<":
		low.inclusive = !low.inclusive
		return interval{lowest, low}
	case "<=":
		return interval{lowest, high}
	case ">":
		high.inclusive = !high.inclusive
		return interval{high, highest}
	}
	return interval{low, highest}
}

// between is the set of numbers x for which low <= float64(x) <= high.
func between(low, high float64) interval {
	if math.IsNaN(low) || math.IsNaN(high) {
		return nothing()
	}
	return interval{compare(">=", low).low, compare("<=", high).high}
}

func nothing() interval { return interval{highest, lowest} }

// rounding returns the ends of the interval that rounds to f, to even where it is a tie.
func rounding(f float64) (low, high bound) {
	if f == 0 {
		f = 0 // not -0
	}
	even := math.Float64bits(f)&1 == 0
	end := func(neighbour float64) bound {
		switch {
		case math.IsInf(f, 0):
			if math.IsInf(neighbour, 0) {
				return bound{negative: f < 0, inclusive: true}
			}
			return bound{at: signed(overflow, f), inclusive: true}
		case math.IsInf(neighbour, 0):
			return bound{at: signed(overflow, f)}
		}
		sum := new(big.Rat).Add(new(big.Rat).SetFloat64(f), new(big.Rat).SetFloat64(neighbour))
		return bound{at: sum.Quo(sum, big.NewRat(2, 1)), inclusive: even}
	}
	return end(math.Nextafter(f, math.Inf(-1))), end(math.Nextafter(f, math.Inf(1)))
}

func signed(r *big.Rat, sign float64) *big.Rat {
	if sign < 0 {
		return new(big.Rat).Neg(r)
	}
	return r
}

// The flags of an end in the kernel's form.
const (
	boundNegative  = 1
	boundZero      = 2
	boundInfinite  = 4
	boundInclusive = 8
)

// layOut puts the end into the rule's data, for the kernel's compare.
func (b bound) layOut(r *rule) uint32 {
	flags := uint32(0)
	if b.inclusive {
		flags |= boundInclusive
	}
	if b.at == nil {
		flags |= boundInfinite
		if b.negative {
			flags |= boundNegative
		}
		return r.data.U32(flags, 0, 0, 0)
	}
	switch b.at.Sign() {
	case 0:
		flags |= boundZero
	case -1:
		flags |= boundNegative
	}
	digits, point := digitsOf(b.at)
	at := r.data.String(digits)
	return r.data.U32(flags, uint32(int32(point)), uint32(len(digits)), at)
}

// digitsOf writes |x| as 0.digits * 10^point. x is a multiple of a power of two.
func digitsOf(x *big.Rat) (digits string, point int) {
	halvings := x.Denom().BitLen() - 1
	n := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(halvings)), nil)
	n.Mul(n, new(big.Int).Abs(x.Num()))
	s := n.String()
	return strings.TrimRight(s, "0"), len(s) - halvings
}
