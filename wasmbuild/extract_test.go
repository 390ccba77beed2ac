package wasmbuild

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// TestExtract: what is extracted, by what names, and where it lands.
func TestExtract(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	const doc = `{"o":{"id":8,"n":{"zip":"90210","b":[1]},"l":[{"s":"A","q":2},{"x":0},{"q":1,"s":"B"}]},"t":["x","y"],"a.b":"dot","k1":{"m":1},"k2":{"m":2}}`
	for _, tt := range []struct {
		flat  bool
		paths []string
		want  string
	}{
		{false, []string{"o.id", "a\\.b", "o.n.zip"}, `{"a.b":"dot","o":{"id":8,"n":{"zip":"90210"}}}`},
		{false, []string{"o.n", "o.n.zip", "o"}, `{"o":{"id":8,"l":[{"q":2,"s":"A"},{"x":0},{"q":1,"s":"B"}],"n":{"b":[1],"zip":"90210"}}}`},
		{false, []string{"o.l.#.q", "o.id", "o.l.#.s"}, `{"o":{"id":8,"l":[{"q":2,"s":"A"},{"q":1,"s":"B"}]}}`},
		{false, []string{"o.l.#.q", "o.l.2.s"}, `{"o":{"l":[{"q":2},{"q":1,"s":"B"}]}}`},
		{false, []string{"o.l.2.s", "t.1"}, `{"o":{"l":{"2":{"s":"B"}}},"t":{"1":"y"}}`},
		{false, []string{"o.l.#(q>1).s"}, `{"o":{"l":{"#(q>1)":{"s":"A"}}}}`},
		{false, []string{"o.l.#(q>0)#.s", "o.l.#(s)#.q"}, `{"o":{"l":[{"q":2,"s":"A"},{"q":1,"s":"B"}]}}`},
		{false, []string{"t.#", "o.l.#.no"}, `{"o":{"l":[]},"t":[]}`},
		{false, []string{"t.#(%\"y\")#"}, `{"t":["y"]}`},
		{false, []string{"k*.m", "no.a"}, `{"k1":{"m":1},"k2":{"m":2}}`},
		{false, []string{"o|id", "t.@reverse", "[t,o.id]"}, `{"[t,o.id]":[["x","y"],8],"o|id":8,"t":{"@reverse":["y","x"]}}`},
		{true, []string{"o.id", "o.n.zip", "t.0"}, `{"0":"x","id":8,"zip":"90210"}`},
		{true, []string{"k1.m", "k2.m"}, `{"m":2}`},
		{true, []string{"k2.m", "no.m", "k1.m"}, `{"m":1}`},
		{true, []string{"o.l.#.s", "t.#", "o.l.#.no"}, `{"#":2,"no":[],"s":["A","B"]}`},
		{true, []string{"k*.m", "o.*"}, `{"id":8,"l":[{"q":2,"s":"A"},{"x":0},{"q":1,"s":"B"}],"m":2,"n":{"b":[1],"zip":"90210"}}`},
		{true, []string{"o.l.#.*"}, `{"q":[2,1],"s":["A","B"],"x":[0]}`},
		{true, []string{"o|id", "a\\.b", "k?|m"}, `{"a.b":"dot","m":2,"o|id":8}`},
		{true, []string{"..0.t", "o.l.#(q=1).s"}, `{"s":"B","t":["x","y"]}`},
		{true, []string{"no", "o.no", ""}, `{}`},
		{false, nil, `{}`},
	} {
		t.Run(fmt.Sprint(tt.flat, tt.paths), func(t *testing.T) {
			t.Parallel()
			w := newTransformTwin(t, b, engine, transform(extraction(tt.flat, tt.paths...)), jsonFormat)
			r := w.run(t, doc, nil)
			w.wantTrue(t, r, doc, string(r.GetOutputPayload()), tt.want)
		})
	}
}

// TestExtractOldPath: a step of old has its path outside of options.
func TestExtractOldPath(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	step := &steps.TransformStep{Type: steps.TransformType_TRANSFORM_TYPE_EXTRACT, Path: "a.b"} //nolint:staticcheck // that is the point
	w := newTransformTwin(t, b, engine, transform(step), jsonFormat)
	r := w.run(t, `{"a":{"b":1,"c":2}}`, nil)
	w.wantTrue(t, r, "", string(r.GetOutputPayload()), `{"a":{"b":1}}`)
}

// checkExtract compares the answer on a payload with the reference's.
func checkExtract(t testing.TB, w *transformTwin, payload string) {
	t.Helper()
	r := w.run(t, payload, nil)
	if payload == "" || !utf8.ValidString(payload) || !json.Valid([]byte(payload)) {
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE && string(r.GetOutputPayload()) != payload {
			t.Fatalf("%v\npayload %.300q\nrefused, but changed: %.300q", w.step, payload, r.GetOutputPayload())
		}
		if r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE && !json.Valid(r.GetOutputPayload()) {
			t.Fatalf("%v\npayload %.300q\noutput %.300q", w.step, payload, r.GetOutputPayload())
		}
		return
	}
	o := w.step.GetTransform().GetExtractOptions()
	w.wantTrue(t, r, payload, string(r.GetOutputPayload()), extracted(payload, o.GetPaths(), o.GetFlatten()))
}

// extractPaths lead somewhere in random records.
var extractPaths = []string{
	"a", "b", "k", "a.b", "a.0", "0", "1", "k.1.a", `a\.b`, "é", "", "b.a", "k*", "?", "*", "*.?", "a*.*", "#.*", "*.#.*", "#", "#.a", "k.#.a", "k.#.b",
	"#.#.b", "a.#(b)#", `#(a="x").b`, "k.#(a)#.b", "a.#.a", "a.#.b", "a.1.b", "k.0.a",
}

// TestExtractAgainstReference runs random paths on random documents.
func TestExtractAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(43, 47))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for i := range 80 {
		var paths []string
		for range 1 + random.IntN(4) {
			paths = append(paths, pick(random, extractPaths))
		}
		w := newTransformTwin(t, b, engine, transform(extraction(i%2 == 0, paths...)), jsonFormat)
		for range 12 {
			checkExtract(t, w, randomRecord(random))
		}
	}
}

// TestExtractValues: values lose white space and needless escapes, nothing else.
func TestExtractValues(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	w := newTransformTwin(t, b, engine, transform(extraction(true, "v")), jsonFormat)
	deep := strings.Repeat(`{"b":[`, 600) + "0" + strings.Repeat(`],"a":1}`, 600)
	for _, value := range []string{
		`1.50`, `-0`, `1E+400`, `123456789012345678901234567890`, `"\u00e9\/\ud83d\ude00\ud800 \u001f\b\\\""`, `""`, `[ ]`, `{ }`, `[ 1 , [ ] , { } ]`,
		`{"b":1,"a":2,"b":3,"\u0061":4}`, `{"":{"z":1,"y":{"x":0,"a":[{"c":1,"b":2}]}}}`, "\"" + strings.Repeat(`x\n`, 50) + "\"", `{"é":1,"e":2,"z":3,"aa":4,"a":5}`,
	} {
		checkExtract(t, w, ` { "u" : 0 , "v" : `+value+` } `)
	}
	for _, bad := range []string{`"\x"`, "\"a\tb\"", `01`, `[1,]`, `{"a":1,}`, `{"a"}`, `nul`, `[1}`, `1.`, `0A0`, `truely`, `"\u12"`} {
		payload := `{"v":` + bad + `}`
		w.wantFalse(t, w.run(t, payload, nil), payload, "data is not valid JSON")
	}
	r := w.run(t, `{"v":`+deep+`}`, nil)
	var got, want any
	if err := json.Unmarshal(r.GetOutputPayload(), &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"v":`+deep+`}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("600 levels: got %v", r)
	}
}

// TestExtractNothingFromDamage: a payload that is cut off is refused, not extracted from.
func TestExtractNothingFromDamage(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, flat := range []bool{false, true} {
		w := newTransformTwin(t, b, engine, transform(extraction(flat, "k", "a.#.b", "x*")), jsonFormat)
		for _, payload := range []string{`{"k":1`, `{"k":"abc`, `{"k":"abc\`, `{"k":`, `{"k`, `{`, `{"k":1} x`, `{"x":[1,{"y":2}`, `plain text`, `"k`, `{"k":tru}`} {
			w.wantFalse(t, w.run(t, payload, nil), payload, "data is not valid JSON")
		}
	}
}

func TestExtractDynamic(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	const doc = `{"u":[{"m":"a","n":1},{"m":"b"}],"x.y":{"m":"c"},"p":{"q":1}}`
	for _, tt := range []struct {
		flat  bool
		paths []string
		want  string
	}{
		{false, []string{"u.0.m", "u.1.m", `x\.y.m`}, `{"u":{"0":{"m":"a"},"1":{"m":"b"}},"x.y":{"m":"c"}}`},
		{false, []string{"u.1.m", "gone", "u.0.n", "u.0.m"}, `{"u":{"0":{"m":"a","n":1},"1":{"m":"b"}}}`},
		{false, []string{"u.#.m", "u.#.n"}, `{"u":[{"m":"a","n":1},{"m":"b"}]}`},
		{false, []string{"p", "p.q", "p"}, `{"p":{"q":1}}`},
		{false, []string{"gone", "u.7"}, `{}`},
		{true, []string{"u.0.m", "u.1.m"}, `{"m":"b"}`},
		{true, []string{"u.1.m", "p.q", "u.0.m"}, `{"m":"a","q":1}`},
		{true, []string{"u.#.m", "u.#"}, `{"#":[{"m":"a","n":1},{"m":"b"}],"m":["a","b"]}`},
		{true, []string{"u.#.m", `x\.y`}, `{"m":["a","b"],"x.y":{"m":"c"}}`},
		{false, nil, `{"p":1}`}, // no matches: by the step's own paths
	} {
		t.Run(fmt.Sprint(tt.flat, tt.paths), func(t *testing.T) {
			t.Parallel()
			step := extraction(tt.flat, "p.q")
			want := tt.want
			if tt.paths == nil {
				want = `{"p":{"q":1}}`
			}
			w := newTransformTwin(t, b, engine, dynamic(transform(step)), jsonFormat)
			var matches []*steps.DetectiveStepResultMatch
			for _, path := range tt.paths {
				matches = append(matches, &steps.DetectiveStepResultMatch{Path: path})
			}
			r := w.run(t, doc, matches)
			w.wantTrue(t, r, doc, string(r.GetOutputPayload()), want)
		})
	}
}

func TestExtractPlain(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	const text = "call kim or né at 555-0137"
	for _, tt := range []struct {
		spans [][2]int32
		want  string // what starts with ! is a reason for failure
	}{
		{[][2]int32{{5, 8}, {19, 27}}, "kim\n555-0137"},
		{[][2]int32{{19, 27}, {5, 8}, {5, 8}}, "555-0137\nkim\nkim"},
		{[][2]int32{{12, 14}}, "né"},
		{[][2]int32{{14, 15}}, "é"},
		{[][2]int32{{4, 4}, {5, 8}, {27, 27}}, "\nkim\n"},
		{nil, ""},
		{[][2]int32{{5, 8}, {8, 5}}, "!end index must be greater than start index"},
		{[][2]int32{{5, 28}}, "!end character out of bounds"},
		{[][2]int32{{28, 28}}, "!end character out of bounds"},
		{[][2]int32{{-1, 3}}, "!start character out of bounds"},
		{[][2]int32{{-2147483648, 2147483647}}, "!end character out of bounds"},
	} {
		w := newTransformTwin(t, b, engine, dynamic(transform(extraction(false))), plainFormat)
		matches := []*steps.DetectiveStepResultMatch{}
		for _, s := range tt.spans {
			matches = append(matches, &steps.DetectiveStepResultMatch{CharIndexStart: s[0], CharIndexEnd: s[1]})
		}
		r := w.run(t, text, matches)
		if reason, failed := strings.CutPrefix(tt.want, "!"); failed {
			w.wantFalse(t, r, text, reason)
			continue
		}
		w.wantTrue(t, r, text, string(r.GetOutputPayload()), tt.want)
	}
}

// FuzzExtract compares compiled, native and reference on any payload.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":"x"}}`, `[{"a":1},{"a":["x"]}]`, `{"k":[{"a":1},{"b":{"a":"\u00e9\n"}}],"a":[[{"b":1}]]}`, `{"a":"x`, `{"a":1,,"b":2}`, `{"a":1,"a":{"b":2,"b":[]}}`, `{"0"0A000000}`} {
		f.Add(seed, uint8(0))
	}
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	var twins []*transformTwin
	for i := range extractPaths {
		n := len(extractPaths)
		twins = append(twins, newTransformTwin(f, b, engine, transform(extraction(i%2 == 0, extractPaths[i], extractPaths[(i+5)%n], extractPaths[(i*7+1)%n])), jsonFormat))
	}
	f.Fuzz(func(t *testing.T, payload string, which uint8) {
		checkExtract(t, twins[int(which)%len(twins)], payload)
	})
}
