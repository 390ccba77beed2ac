package wasmbuild

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// nativeKernel guards the native kernel, of which there is one.
var nativeKernel sync.Mutex

// twin is a rule in both forms: compiled, and as plain Go.
type twin struct {
	detective *steps.DetectiveStep
	compiled  *runner.Instance
	native    kernel.Native
}

func newTwin(t testing.TB, b *Builder, engine *runner.Runtime, d *steps.DetectiveStep) *twin {
	t.Helper()
	step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: d}}
	m, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	if err != nil {
		t.Fatal(err)
	}
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	r := newRule(vm.RuleBase)
	if err := planStep(r, step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON); err != nil {
		t.Fatal(err)
	}
	return &twin{d, i, kernel.Native{Entry: r.entry, Bind: r.bind, Set: r.set, Data: r.data.Image()}}
}

// call runs both forms, the native one twice: what memory holds behind the
// request must not matter. All answers must be the same.
func (w *twin) call(t testing.TB, request []byte) []byte {
	t.Helper()
	compiled, err := w.compiled.CallRaw(t.Context(), request)
	if err != nil {
		t.Fatalf("%v\nrequest %.300q: %v", w.detective, request, err)
	}
	nativeKernel.Lock()
	defer nativeKernel.Unlock()
	if err := w.native.Start(); err != nil {
		t.Fatal(err)
	}
	for _, dirt := range []string{"", `"}]@4,{[.x":1 \`, `a@b.c"`} {
		if native := w.native.Call(request, []byte(dirt)); string(native) != string(compiled) {
			t.Fatalf("%v\nrequest  %.300q\ncompiled %.300q\nnative   %.300q\nbefore   %q", w.detective, request, compiled, native, dirt)
		}
	}
	return compiled
}

// check compares the answer on a payload with the reference's.
func (w *twin) check(t testing.TB, payload []byte) {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
	if err != nil {
		t.Fatal(err)
	}
	answer := w.call(t, request)
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(answer, r); err != nil {
		t.Fatalf("%v\npayload %.300q\nanswer %q: %v", w.detective, payload, answer, err)
	}
	if string(r.GetOutputPayload()) != string(payload) {
		t.Fatalf("%v\npayload %.300q\noutput  %.300q", w.detective, payload, r.GetOutputPayload())
	}
	if len(payload) == 0 || !utf8.Valid(payload) || !json.Valid(payload) || tooDeep(payload) {
		return
	}
	want, exit := detect(parseNode(payload), w.detective)
	var got []found
	for _, m := range r.GetInterStepResult().GetDetectiveResult().GetMatches() {
		got = append(got, found{m.GetPath(), string(m.GetValue())})
		if m.GetType() != w.detective.GetType() {
			t.Errorf("match has type %v, want %v", m.GetType(), w.detective.GetType())
		}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
		t.Fatalf("%v\npayload %.500q\nmatches (-want +got):\n%s", w.detective, payload, diff)
	}
	code, text := pb.WASMExitCode_WASM_EXIT_CODE_FALSE, exit
	if exit == "TRUE" || exit == "FALSE" {
		text = "completed detective run"
	}
	if exit == "TRUE" {
		code = pb.WASMExitCode_WASM_EXIT_CODE_TRUE
	}
	if r.GetExitCode() != code || r.GetExitMsg() != text {
		t.Fatalf("%v\npayload %.300q\nanswer %v %q, want %v %q", w.detective, payload, r.GetExitCode(), r.GetExitMsg(), code, text)
	}
}

// tooDeep says whether nesting may reach the scan's limit.
func tooDeep(payload []byte) bool {
	return strings.Count(string(payload), "[")+strings.Count(string(payload), "{") > 1000
}

// paths to look up in random documents.
var testPaths = []string{
	"", "", "", "a", "b", "a.b", "a.0", "1", "k.1.a", `a\.b`, "é", "a.", "*", "?", "k*", "*.b", `\*`, "#", "a.#", "#.a", "k.#.a.b", "#.#", "#.#.a",
	`#(a="x")`, `k.#(a="x").b`, "#(>1)", "#(>=1)#", "a.#(<2)#", "#(!=1)#", `#(a%"*")#.a`, `#(a!%"?")`, "#(a)#", "#(a=true)", "#(a=~true)#", "#(a<false)",
	`#(b.#(="x"))#.b`, "k|0", "#.a|0", "#.a|#", "k.#(a<=b)#|#", "#.#(=1)",
}

// testRules are detectives of every type, with arguments that random documents contain.
func testRules() []*steps.DetectiveStep {
	var rules []*steps.DetectiveStep
	add := func(t steps.DetectiveType, args ...string) {
		rules = append(rules, &steps.DetectiveStep{Type: t, Args: args})
	}
	for _, arg := range []string{"x", "", "a@b.c", "é\n", "1", "true"} {
		add(steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, arg)
	}
	add(steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, "zz", "@", "long text which is not short")
	add(steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ALL, "a", "@")
	add(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD)
	add(steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY)
	for _, kind := range []string{"string", "number", "boolean", "array", "object", "null"} {
		add(steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE, kind)
	}
	add(steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL)
	add(steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD)
	for _, arg := range []string{"1", "0.1", "-0", "inf", "9007199254740993", "1.7976931348623157e308", "5e-324", "nan"} {
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_EQUAL_TO, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_THAN, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_EQUAL, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_THAN, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_EQUAL, arg)
		add(steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_RANGE, "-1", arg)
	}
	return rules
}

// TestDetectiveAgainstReference runs random rules on random documents.
func TestDetectiveAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 11))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, rule := range testRules() {
		for range 3 {
			d := proto.CloneOf(rule)
			d.Path = proto.String(testPaths[random.IntN(len(testPaths))])
			if random.IntN(3) == 0 {
				d.Negate = proto.Bool(true)
			}
			w := newTwin(t, b, engine, d)
			for range 15 {
				w.check(t, randomDocument(random))
			}
		}
	}
}

var (
	randomKeys    = []string{"a", "b", "k", "a.b", "é", "", "x*", "@t", "[y", "#", `q"\`, "0", "a\nb", "longer key that exceeds sixteen bytes"}
	randomStrings = []string{
		"x", "", "a@b.c", " me@mail.example\n", "é\n", "no @ here", "u@bücher.example", "a@b..c", "a@-b.c", "a@b_c.d", "\u2003a@b.c\u00a0", "4111 1111-1111 1111",
		"4111111111111112", "true", "inf", "-Infinity", "NaN", "0x10", " 1", "1", "long text which is not short, with {brackets} and [more], \"quotes\" and \\ slashes", "😀", "\x7f\x1f",
		"5e-324", "\u2028", "t", "10",
	}
	randomNumbers = []string{
		"0", "-0", "1", "-1", "1.0", "10e-1", "0.1", "0.10000000000000000555111512312578270211815834045410156250", "0.1000000000000000055511151231257827021181583404541015626",
		"1e400", "-1e400", "1e-400", "9007199254740993", "9007199254740992", "9007199254740994.000000000000000000001", "4111111111111111", "1.7976931348623157e308",
		"1.7976931348623158e308", "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
		"2.47e-324", "2.48e-324", "5e-324", "1e99999999999999999999", "123456789012345678901234567890", "0.5",
	}
)

// randomDocument writes a random document with random white space and escapes.
func randomDocument(random *rand.Rand) []byte {
	w := &documentWriter{random: random}
	w.value(4)
	text := w.b.String()
	if random.IntN(10) == 0 { // sometimes broken
		cut := random.IntN(len(text))
		switch random.IntN(3) {
		case 0:
			text = text[:cut]
		case 1:
			text = text[:cut] + text[cut+1:]
		default:
			text = text[:cut] + string(`"\{}[],:x@`[random.IntN(10)]) + text[cut:]
		}
	}
	return []byte(text)
}

type documentWriter struct {
	random *rand.Rand
	b      strings.Builder
}

func (w *documentWriter) value(depth int) {
	w.space()
	defer w.space()
	switch n := w.random.IntN(10); {
	case n < 3 && depth > 0:
		w.list('{', '}', func() {
			w.space()
			w.text(pick(w.random, randomKeys))
			w.space()
			w.b.WriteByte(':')
			w.value(depth - 1)
		})
	case n < 5 && depth > 0:
		w.list('[', ']', func() { w.value(depth - 1) })
	case n < 7:
		w.text(pick(w.random, randomStrings))
	case n < 9:
		w.b.WriteString(pick(w.random, randomNumbers))
	default:
		w.b.WriteString(pick(w.random, []string{"true", "false", "null"}))
	}
}

func (w *documentWriter) list(open, shut byte, item func()) {
	w.b.WriteByte(open)
	for i := range w.random.IntN(6) {
		if i > 0 {
			w.b.WriteByte(',')
		}
		item()
	}
	w.space()
	w.b.WriteByte(shut)
}

// text writes a string; characters may be escaped though they need not be.
func (w *documentWriter) text(s string) {
	often := w.random.IntN(3) == 0
	w.b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			w.b.WriteString(`\` + string(c))
		case c < ' ' || c < 0x10000 && often && w.random.IntN(4) == 0:
			fmt.Fprintf(&w.b, `\u%04x`, c)
		case c >= 0x10000 && often:
			fmt.Fprintf(&w.b, `\u%04X\u%04x`, 0xd800+(c-0x10000)>>10, 0xdc00+(c-0x10000)&0x3ff)
		default:
			w.b.WriteRune(c)
		}
	}
	w.b.WriteByte('"')
}

func (w *documentWriter) space() {
	if w.random.IntN(4) == 0 {
		w.b.WriteString(strings.Repeat(pick(w.random, []string{" ", "\n", "\t", "\r\n"}), 1+w.random.IntN(9)))
	}
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }

// fuzzedRules are few, so that each gets many inputs.
func fuzzedRules() []*steps.DetectiveStep {
	path := func(path string) *string { return &path }
	return []*steps.DetectiveStep{
		{Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, Path: path("a.b"), Args: []string{"x"}},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL, Args: []string{"x"}},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_THAN, Args: []string{"1"}},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE, Path: path("#.a"), Args: []string{"array"}},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: path(`*.#(a="x").b`)},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: path("@reverse.@flatten.@join.a")},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, Path: path(`..[a,{"n":#.b}]`), Args: []string{"x"}},
		{Type: steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY, Path: path(`a.@pretty.@ugly`), Args: []string{" "}},
	}
}

// FuzzDetective compares compiled, native and reference on any payload.
func FuzzDetective(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":"x"}}`, `{"m":["me@x.org",{"k":"a.b@c.de"}],"n":"no"}`, `{"\u0061":{"b":"\u0078"}}`, `{"a":{"c":[{"}":"]"}],"b":"x"}}`,
		`{"q":"\\\"","a":{"b":"y"}}`, `{"a":{"b":"x`, `{"a":{"b":"\`, `[{"a":1},{"a":["x"]}]`, `4111111111111111`, `{"v":"\ud83d\ude00\ud83d"}`, "{\"a\":{\"b\":\"\xff\"}}",
		`{"a":1 "b":"x@y.z"}`, `[1,,2]`, `{"a":tru}`, `{"a":[[1],[2,[3]]]}`, `@`, `{"a@b.c":{"k":"a@b.c"}}`,
	} {
		f.Add([]byte(seed), uint8(2))
	}
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	var twins []*twin
	for _, d := range fuzzedRules() {
		twins = append(twins, newTwin(f, b, engine, d))
	}
	f.Fuzz(func(t *testing.T, payload []byte, which uint8) {
		w := twins[int(which)%len(twins)]
		if path := w.detective.GetPath(); strings.Contains(path, "@") || strings.Contains(path, "..") { // no reference
			request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
			if err != nil {
				t.Fatal(err)
			}
			w.call(t, request)
			return
		}
		w.check(t, payload)
	})
}

// FuzzDetectiveRequest feeds any bytes as a request: no trap, one answer.
func FuzzDetectiveRequest(f *testing.F) {
	f.Add([]byte("\x12\x07{\"a\":1}\x28\x01"))
	f.Add([]byte("\x92\x00\x07{\"a\":1}"))
	f.Add([]byte("\x12\x87\x00{\"a\":1}"))
	f.Add([]byte("\x0a\x02hi\x12\x00"))
	f.Add([]byte("!00000000\x12\x0200"))
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	w := newTwin(f, b, engine, fuzzedRules()[4])
	f.Fuzz(func(t *testing.T, request []byte) {
		answer := w.call(t, request)
		r := &pb.WASMResponse{}
		if err := proto.Unmarshal(answer, r); err != nil {
			t.Fatalf("answer %q: %v", answer, err)
		}
		if strings.Contains(r.GetExitMsg(), "Unexpected wire type") { // package proto takes such a field for one it does not know
			return
		}
		q := &pb.WASMRequest{}
		if proto.Unmarshal(request, q) == nil && string(r.GetOutputPayload()) != string(q.GetInputPayload()) {
			t.Fatalf("output %q, want the input %q", r.GetOutputPayload(), q.GetInputPayload())
		}
	})
}
