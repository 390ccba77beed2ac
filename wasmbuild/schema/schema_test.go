package schema

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/link/data"
)

func TestCanonicalNumber(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"0": "0", "-0": "0", "0.00e9": "0", "7": "7", "-7.0": "-7", "100": "1e2", "1e2": "1e2", "10E1": "1e2", "0.01": "1e-2",
		"1.50": "15e-1", "150e-2": "15e-1", "12345678901234567890": "1234567890123456789e1", "1e99999999999": "?1e99999999999",
	} {
		if got := canonicalNumber(s); got != want {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
}

func TestScaled(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]struct {
		unit  uint64
		scale int
		ok    bool
	}{
		"1": {1, 0, true}, "100": {1, 2, true}, "0.01": {1, -2, true}, "2.5": {25, -1, true}, "0.125": {125, -3, true},
		"1e-400": {1, -400, true}, "99999999999999999": {99999999999999999, 0, true}, "0.1234567890123456789": {ok: false},
	} {
		r, _ := new(big.Rat).SetString(s)
		unit, scale, ok := scaled(r)
		if ok != want.ok || ok && (unit != want.unit || scale != want.scale) {
			t.Errorf("%s: got %d %d %v, want %v", s, unit, scale, ok, want)
		}
	}
}

// TestWholes checks the range of whole numbers against the ends it stands for.
func TestWholes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		low, high string
		inclusive bool
		want      [2]int64
	}{
		{"1", "3", true, [2]int64{1, 3}},
		{"1", "3", false, [2]int64{2, 2}},
		{"0.5", "2.5", true, [2]int64{1, 2}},
		{"-2.5", "-0.5", false, [2]int64{-2, -1}},
		{"-1e30", "1e30", false, [2]int64{-1 << 63, 1<<63 - 1}},
	} {
		low, _ := new(big.Rat).SetString(tt.low)
		high, _ := new(big.Rat).SetString(tt.high)
		n := &numberCheck{low: end{at: low, inclusive: tt.inclusive}, high: end{at: high, inclusive: tt.inclusive}}
		if a, b := n.wholes(); [2]int64{a, b} != tt.want {
			t.Errorf("%s to %s, inclusive %v: got %d to %d, want %v", tt.low, tt.high, tt.inclusive, a, b, tt.want)
		}
	}
}

func TestLabelIsShort(t *testing.T) {
	t.Parallel()
	got := label("const", strings.Repeat("é", 1000))
	if len(got) > maxLabel+3 || !strings.HasSuffix(got, "é...") || !utf8.ValidString(got) {
		t.Errorf("got %q", got)
	}
}

// TestBundled checks that the drafts' own schemas are there and accept references.
func TestBundled(t *testing.T) {
	t.Parallel()
	for _, draft := range []Draft{Draft4, Draft6, Draft7} {
		for _, uri := range []string{"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-07/schema#/definitions/nonNegativeInteger"} {
			if _, err := Compile([]byte(`{"$ref":"`+uri+`"}`), draft, Options{}); err != nil {
				t.Errorf("draft %d, %s: %v", draft, uri, err)
			}
		}
	}
}

// FuzzCompile checks that any text gives a program that can be laid out, or an
// *Error, and the same one each time.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		`{"$id":"http://x.y/z","properties":{"a":{"$ref":"#b"}},"definitions":{"b":{"$id":"#b","items":[{"minimum":1e-3}]}}}`,
		`{"patternProperties":{"^a|b$":{"enum":[1,{"a":null}]}},"dependencies":{"a":["b"],"c":{"not":{}}},"required":["a","\u0000"]}`,
		`{"$ref":"http://json-schema.org/draft-04/schema#/definitions/positiveInteger"}`, `[`, `true`, `{"maxLength":1e300,"multipleOf":1e-300}`,
	} {
		f.Add([]byte(s), uint8(7))
	}
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		draft := []Draft{Draft4, Draft6, Draft7}[n%3]
		s, err := Compile(text, draft, Options{Annotate: n&128 != 0})
		if wrong := (*Error)(nil); err != nil {
			if !errors.As(err, &wrong) || wrong.Where == "" || wrong.Reason == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		images := [2]string{}
		for i := range images {
			d := data.New(1024)
			s.LayOut(d)
			images[i] = string(d.Image())
			if s, err = Compile(text, draft, Options{Annotate: n&128 != 0}); err != nil {
				t.Fatal(err)
			}
		}
		if images[0] != images[1] {
			t.Errorf("%q gives two programs", text)
		}
	})
}

// One schema can hold thousands of patterns, each of which may take a tenth of a second.
func TestPatternsTogetherAreBounded(t *testing.T) {
	t.Parallel()
	many := func(n int, pattern func(i int) string) []byte {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"pattern":%q}`, pattern(i)))
		}
		return []byte(`{"anyOf":[` + strings.Join(list, ",") + `]}`)
	}
	began := time.Now()
	_, err := Compile(many(8000, func(i int) string { return fmt.Sprintf("(.*a.{20}){5}x%d", i) }), Draft7, Options{})
	if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "take too long to build") || took > time.Minute {
		t.Errorf("got %v after %s, want a refusal", err, took)
	}
	for name, schema := range map[string][]byte{
		"usual ones": many(500, func(i int) string { return fmt.Sprintf(`^[A-Z]{2}%d-[0-9a-f]{8}(-[0-9a-f]{4}){3}$`, i) }),
		"one again":  many(5000, func(int) string { return "(.*a.{20}){5}x" }),
	} {
		if _, err := Compile(schema, Draft7, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
