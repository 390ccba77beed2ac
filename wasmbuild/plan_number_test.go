package wasmbuild

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestParseFloat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"1": 1, "+1": 1, "-1.5": -1.5, "10.": 10, ".5": 0.5, "1e3": 1000, "1E+3": 1000, "1e400": math.Inf(1), "-1e400": math.Inf(-1),
		"inf": math.Inf(1), "-Infinity": math.Inf(-1), "INF": math.Inf(1), "1e-400": 0,
	} {
		if got, reason := parseFloat(text); got != want || reason != "" {
			t.Errorf("parseFloat(%q) = %v, %q, want %v", text, got, reason, want)
		}
	}
	if got, reason := parseFloat("nAn"); got == got || reason != "" {
		t.Errorf("parseFloat(nAn) = %v, %q, want NaN", got, reason)
	}
	if _, reason := parseFloat(""); reason != "cannot parse float from empty string" {
		t.Errorf("empty: got %q", reason)
	}
	for _, text := range []string{".", "e5", "1e", "1e+", "0x1p3", "1_000", " 1", "1 ", "--1", "+-1", "infinit", "ten", "1.2.3", "1f"} {
		if _, reason := parseFloat(text); reason != "invalid float literal" {
			t.Errorf("parseFloat(%q): got reason %q", text, reason)
		}
	}
}

// contains says whether x lies in the interval; x is finite.
func (i interval) contains(x *big.Rat) bool {
	side := func(b bound, want int) bool {
		if b.at == nil {
			return b.negative == (want > 0)
		}
		c := x.Cmp(b.at)
		return c == want || c == 0 && b.inclusive
	}
	return side(i.low, 1) && side(i.high, -1)
}

// TestCompare checks that intervals of decimals do what rounding to float64 first would do.
func TestCompare(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 5))
	for range 3000 {
		f := randomFloat(random)
		for _, text := range decimalsNear(random, f) {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil && !math.IsInf(x, 0) {
				t.Fatal(err)
			}
			exact, _ := new(big.Rat).SetString(text)
			for _, op := range []string{"=", "<", "<=", ">", ">="} {
				if got, want := compare(op, f).contains(exact), compareFloats(x, op, f); got != want {
					t.Fatalf("%s %s %v: got %v, want %v", text, op, f, got, want)
				}
			}
		}
	}
}

func randomFloat(random *rand.Rand) float64 {
	switch random.IntN(4) {
	case 0:
		return []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1 << 53, math.MaxFloat64, math.SmallestNonzeroFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), 0x1p-1022}[random.IntN(12)]
	case 1:
		return math.Round(random.Float64()*2000) / 10
	}
	for {
		if f := math.Float64frombits(random.Uint64()); f == f {
			return f
		}
	}
}

// decimalsNear are decimals at and around the points where rounding to f begins and ends.
func decimalsNear(random *rand.Rand, f float64) []string {
	texts := []string{fmt.Sprintf("%g", random.NormFloat64())}
	if math.IsInf(f, 0) {
		f = math.Copysign(math.MaxFloat64, f)
	}
	texts = append(texts, strconv.FormatFloat(f, 'e', -1, 64), strconv.FormatFloat(f, 'e', 40, 64))
	for _, b := range []bound{compare("=", f).low, compare("=", f).high} {
		digits, point := digitsOf(b.at)
		sign := ""
		if b.at.Sign() < 0 {
			sign = "-"
		}
		for _, more := range []string{"", "0001"} {
			texts = append(texts, fmt.Sprintf("%s0.%s%se%d", sign, digits, more, point))
		}
		if len(digits) > 1 {
			texts = append(texts, fmt.Sprintf("%s0.%se%d", sign, digits[:len(digits)-1], point))
		}
	}
	return texts
}
