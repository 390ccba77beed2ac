package wasmbuild

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	key := func(text string) pathStep { return pathStep{op: opKey, text: text, index: noIndex} }
	index := func(text string, n uint32) pathStep { return pathStep{op: opKey, text: text, index: n} }
	pattern := func(text string) pathStep { return pathStep{op: opPattern, text: text, index: noIndex} }
	a := []pathStep{key("a")}
	for text, want := range map[string][]pathStep{
		"":                              {key("")},
		"a":                             a,
		"a.b|c":                         {key("a"), key("b"), key("c")},
		".":                             {key(""), key("")},
		"a.":                            {key("a"), key("")},
		`a\.b`:                          {key("a.b")},
		`\a`:                            a,
		`a\`:                            {{op: opNever}},
		`\*\?\|\\`:                      {key(`*?|\`)},
		"a*":                            {pattern("a*")},
		`a\**`:                          {pattern(`a\**`)},
		"1":                             {index("1", 1)},
		"+1.01.-1":                      {index("+1", 1), index("01", 1), key("-1")},
		`\1`:                            {key("1")},
		"4294967295":                    {key("4294967295")},
		"99999999999":                   {key("99999999999")},
		"#":                             {{op: opCount}},
		"#a":                            {key("#a")},
		"a.#.a":                         {key("a"), {op: opEach, rest: a}},
		"#.#.a":                         {{op: opEach, rest: []pathStep{{op: opEach, rest: a}}}},
		"#.a|1":                         {{op: opEach, rest: a}, index("1", 1)},
		"#|a":                           {{op: opCount}, key("a")},
		"#(a)":                          {{op: opFirst, query: &pathQuery{left: a}}},
		"#(a)#":                         {{op: opAll, query: &pathQuery{left: a}}},
		"#(a)#.a":                       {{op: opAll, query: &pathQuery{left: a}, rest: a}},
		"#(a).a":                        {{op: opFirst, query: &pathQuery{left: a}}, key("a")},
		"#( a <= 5 )":                   {{op: opFirst, query: &pathQuery{left: a, op: "<=", right: "5"}}},
		`#(="x)")#|a`:                   {{op: opAll, query: &pathQuery{op: "=", right: "x)"}}, key("a")},
		`#(="")`:                        {{op: opFirst, query: &pathQuery{op: "=", right: `""`}}},
		`#(a!%"x*")`:                    {{op: opFirst, query: &pathQuery{left: a, op: "!%", right: "x*"}}},
		"#(a=~true)":                    {{op: opFirst, query: &pathQuery{left: a, op: "=", truth: true, right: "true"}}},
		"#(a":                           {{op: opNever}},
		"#(a)b":                         {key("#(a)b")},
		"@this":                         {{op: opModifier, index: 0}},
		"a.@join:{\"preserve\":true}|a": {key("a"), {op: opModifier, index: 6, text: `{"preserve":true}`}, key("a")},
		"@unknown":                      {key("@unknown")},
		"[a,a]":                         {{op: opArray, parts: []pathPart{{name: "a", path: a}, {name: "a", path: a}}}},
		`{a,"n":a}`:                     {{op: opObject, parts: []pathPart{{name: "a", path: a}, {name: "n", path: a}}}},
		"[]":                            {{op: opArray}},
		"[a":                            {key("[a")},
		"..#":                           {{op: opLines}, {op: opCount}},
		"..":                            {{op: opLines}},
	} {
		got, err := parsePath(text)
		if err != nil {
			t.Errorf("parsePath(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(pathStep{}, pathQuery{}, pathPart{}), cmpopts.IgnoreFields(pathStep{}, "source", "piped")); diff != "" {
			t.Errorf("parsePath(%q) (-want +got):\n%s", text, diff)
		}
	}
}

func TestParsePathRefusesDeepNesting(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"#(", "[", "{", "#."} {
		text := strings.Repeat(unit, 100_000)
		switch unit {
		case "#(":
			text += strings.Repeat(")", 100_000)
		case "[":
			text += strings.Repeat("]", 100_000)
		case "{":
			text += strings.Repeat("}", 100_000)
		}
		_, err := parsePath(text)
		var refused *StepError
		if !errors.As(err, &refused) {
			t.Errorf("%s...: got %v, want a StepError", unit, err)
		}
	}
}

// TestFinder checks that simple paths get by with simple code.
func TestFinder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{
		"a.b.0":            {"findKeys", "modifyNone", "fulfilsNone"},
		"a.b*":             {"findPatterns", "modifyNone", "fulfilsNone"},
		"a.#":              {"findAny", "modifyNone", "fulfilsNone"},
		"a.#(b.@this=1).c": {"findAny", "modifyAny", "fulfilsAny"},
		"[a.@this]":        {"findAny", "modifyAny", "fulfilsNone"},
		"#.a.@reverse":     {"findAny", "modifyAny", "fulfilsNone"},
		"#.[#(a)#.b,c]":    {"findAny", "modifyNone", "fulfilsAny"},
	} {
		r := newRule(1 << 16)
		if err := planPath(r, text); err != nil {
			t.Fatal(err)
		}
		if got := [3]string{r.bind["find"], r.bind["modify"], r.bind["fulfils"]}; got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// FuzzParsePath plans any path: no panic, a bounded program.
func FuzzParsePath(f *testing.F) {
	for _, seed := range testPaths {
		f.Add(seed)
	}
	f.Add(`{a,"n":[b,c.#(d>1)#.e]}|@pretty:{"indent":"\t"}|..`)
	f.Fuzz(func(t *testing.T, text string) {
		r := newRule(1 << 16)
		if err := planPath(r, text); err != nil {
			return
		}
		if got, limit := len(r.data.Image()), 1000*len(text)+1000; got > limit {
			t.Errorf("%d bytes for a path of %d", got, len(text))
		}
	})
}
