package wasmbuild

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

const (
	jsonFormat  = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON
	plainFormat = pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_PLAINTEXT
)

// transformTwin is a transform in both forms.
type transformTwin struct {
	twin
	step *pb.PipelineStep
}

func newTransformTwin(t testing.TB, b *Builder, engine *runner.Runtime, step *pb.PipelineStep, format pb.PipelineDataFormat) *transformTwin {
	t.Helper()
	m, err := b.Step(t.Context(), step, format)
	if err != nil {
		t.Fatal(err)
	}
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	r := newRule(vm.RuleBase)
	if err := planStep(r, step, format); err != nil {
		t.Fatal(err)
	}
	return &transformTwin{twin{nil, i, kernel.Native{Entry: r.entry, Bind: r.bind, Set: r.set, Data: r.data.Image()}}, step}
}

// run gives both forms a payload and what a detective found, and returns their common answer.
func (w *transformTwin) run(t testing.TB, payload string, matches []*steps.DetectiveStepResultMatch) *pb.WASMResponse {
	t.Helper()
	request := &pb.WASMRequest{InputPayload: []byte(payload)}
	if matches != nil {
		request.InterStepResult = &pb.InterStepResult{InputFrom: &pb.InterStepResult_DetectiveResult{DetectiveResult: &steps.DetectiveStepResult{Matches: matches}}}
	}
	wire, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if answer := w.call(t, wire); proto.Unmarshal(answer, r) != nil {
		t.Fatalf("%v\npayload %.300q\nanswer %q", w.step, payload, answer)
	}
	return r
}

// check compares the answer on a payload with the reference's.
func (w *transformTwin) check(t testing.TB, payload string) {
	t.Helper()
	r := w.run(t, payload, nil)
	if payload == "" || !utf8.ValidString(payload) || !json.Valid([]byte(payload)) {
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE && string(r.GetOutputPayload()) != payload {
			t.Fatalf("%v\npayload %.300q\nrefused, but changed: %.300q", w.step, payload, r.GetOutputPayload())
		}
		return
	}
	root := parseSpots(payload, 0)
	var targets []target
	for i, text := range pathsOf(w.step.GetTransform()) {
		path, err := parsePath(text)
		if err != nil {
			t.Fatal(err)
		}
		places := placesOf(root, placePath(path))
		if len(places) == 0 {
			w.wantFalse(t, r, payload, fmt.Sprintf("path '%s' not found in data", text))
			return
		}
		for _, place := range places {
			targets = append(targets, target{place, i})
		}
	}
	w.checkTargets(t, r, payload, root, targets)
}

// checkTargets compares an answer with what the targets should become.
func (w *transformTwin) checkTargets(t testing.TB, r *pb.WASMResponse, payload string, root *spot, targets []target) {
	t.Helper()
	step := w.step.GetTransform()
	kept, gone := outermost(targets)
	if step.GetType() != steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD {
		want, wrong := splice(payload, kept, step)
		if wrong {
			w.wantFalse(t, r, payload, "is not a string")
			return
		}
		w.wantTrue(t, r, payload, string(r.GetOutputPayload()), want)
		return
	}
	switch {
	case gone && !w.step.GetDynamic():
		w.wantFalse(t, r, payload, "path does not exist")
	case len(kept) > 0 && kept[0].spot == root:
		w.wantFalse(t, r, payload, "could not find key")
	default:
		if !json.Valid(r.GetOutputPayload()) {
			t.Fatalf("%v\npayload %q\noutput  %q is not JSON", w.step, payload, r.GetOutputPayload())
		}
		want := payload
		if len(kept) > 0 {
			want = without(root, kept)
		}
		w.wantTrue(t, r, payload, without(parseSpots(string(r.GetOutputPayload()), 0), nil), without(parseSpots(want, 0), nil))
	}
}

func (w *transformTwin) wantTrue(t testing.TB, r *pb.WASMResponse, payload, got, want string) {
	t.Helper()
	if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || r.GetExitMsg() != "Successfully transformed payload" || got != want {
		t.Fatalf("%v\npayload %q\n%v %q\ngot     %q\nwant    %q", w.step, payload, r.GetExitCode(), r.GetExitMsg(), got, want)
	}
}

func (w *transformTwin) wantFalse(t testing.TB, r *pb.WASMResponse, payload, reason string) {
	t.Helper()
	reason = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(reason)
	if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_FALSE || !strings.Contains(r.GetExitMsg(), reason) || string(r.GetOutputPayload()) != payload {
		t.Fatalf("%v\npayload %q\n%v %q\noutput  %q\nwant FALSE, %q", w.step, payload, r.GetExitCode(), r.GetExitMsg(), r.GetOutputPayload(), reason)
	}
}

// pathsOf are the paths of a static step.
func pathsOf(t *steps.TransformStep) []string {
	switch o := t.GetOptions().(type) {
	case *steps.TransformStep_ReplaceValueOptions:
		return []string{o.ReplaceValueOptions.GetPath()}
	case *steps.TransformStep_MaskOptions:
		return []string{o.MaskOptions.GetPath()}
	case *steps.TransformStep_ObfuscateOptions:
		return []string{o.ObfuscateOptions.GetPath()}
	case *steps.TransformStep_TruncateOptions:
		return []string{o.TruncateOptions.GetPath()}
	}
	return t.GetDeleteFieldOptions().GetPaths()
}

// transforms are steps of every type for a path.
func transforms(paths ...string) []*steps.TransformStep {
	path := paths[0]
	list := []*steps.TransformStep{{
		Type:    steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD,
		Options: &steps.TransformStep_DeleteFieldOptions{DeleteFieldOptions: &steps.TransformDeleteFieldOptions{Paths: paths}},
	}, {
		Type:    steps.TransformType_TRANSFORM_TYPE_OBFUSCATE_VALUE,
		Options: &steps.TransformStep_ObfuscateOptions{ObfuscateOptions: &steps.TransformObfuscateOptions{Path: path}},
	}}
	for _, value := range []string{"42", `"REDACTED"`, "plain words", "", `{"a":[1]}`, "\"a\nb\"", `"`, `a"b\`} {
		list = append(list, &steps.TransformStep{
			Type:    steps.TransformType_TRANSFORM_TYPE_REPLACE_VALUE,
			Options: &steps.TransformStep_ReplaceValueOptions{ReplaceValueOptions: &steps.TransformReplaceValueOptions{Path: path, Value: value}},
		})
	}
	for _, mask := range []string{"", "#", "é", `"`, `\`, "xy", "\n"} {
		list = append(list, &steps.TransformStep{
			Type:    steps.TransformType_TRANSFORM_TYPE_MASK_VALUE,
			Options: &steps.TransformStep_MaskOptions{MaskOptions: &steps.TransformMaskOptions{Path: path, Mask: mask}},
		})
	}
	for _, value := range []int32{-1, 0, 2, 7, 50, 99, 1000} {
		for _, how := range []steps.TransformTruncateType{0, 1, 2} {
			list = append(list, &steps.TransformStep{
				Type:    steps.TransformType_TRANSFORM_TYPE_TRUNCATE_VALUE,
				Options: &steps.TransformStep_TruncateOptions{TruncateOptions: &steps.TransformTruncateOptions{Path: path, Value: value, Type: how}},
			})
		}
	}
	return list
}

// TestTransformAgainstReference runs every type on random documents.
func TestTransformAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 17))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	paths := []string{"a", "b", "k", "a.b", "a.0", "0", "1", "k.1.a", `a\.b`, "é", "", "k*", "?", "*", "*.?", "a*.*", "#.*", "*.#.*", "#", "#.a", "k.#.a", "#.#.b", "a.#(b)#", `#(a="x").b`, "a|b", "..0.a", "a.@this", "@reverse", "[a,b]", "longer key that exceeds sixteen bytes"}
	for range 6 {
		for _, s := range transforms(pick(random, paths), pick(random, paths), pick(random, paths)) {
			w := newTransformTwin(t, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}, jsonFormat)
			for range 8 {
				w.check(t, randomRecord(random))
			}
		}
	}
}

// randomRecord is an object or array in which many paths lead somewhere.
func randomRecord(random *rand.Rand) string {
	if random.IntN(4) == 0 {
		return string(randomDocument(random))
	}
	w := &documentWriter{random: random}
	if random.IntN(3) == 0 {
		w.list('[', ']', func() { w.value(3) })
		return w.b.String()
	}
	w.b.WriteString(`{"é":null`)
	for _, key := range []string{"a", "b", "k", "a.b", ""} {
		if random.IntN(4) > 0 {
			w.b.WriteByte(',')
			w.space()
			w.text(key)
			w.space()
			w.b.WriteByte(':')
			w.value(2)
		}
	}
	w.b.WriteByte('}')
	return w.b.String()
}

// TestDynamicAgainstReference changes what a detective would have found: some
// places of a random document, in order or not, and some that are not there.
func TestDynamicAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(19, 23))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, s := range transforms("never used") {
		w := newTransformTwin(t, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}), jsonFormat)
		for range 30 {
			payload := randomRecord(random)
			if !json.Valid([]byte(payload)) {
				w.run(t, payload, []*steps.DetectiveStepResultMatch{{Path: "a"}, {Path: "a.b"}, {Path: "#.a.#"}, {Path: "a"}})
				continue
			}
			root := parseSpots(payload, 0)
			var matches []*steps.DetectiveStepResultMatch
			var targets []target
			add := func(path string, place *spot) {
				if place != nil {
					targets = append(targets, target{place, len(matches)})
				}
				matches = append(matches, &steps.DetectiveStepResultMatch{Path: path})
			}
			eachPlace(root, "", func(path string, place *spot) {
				switch random.IntN(6) {
				case 0, 1:
					add(path, place)
				case 2:
					add(path+".no such", nil)
				}
			})
			if random.IntN(3) == 0 {
				random.Shuffle(len(matches), func(i, j int) { matches[i], matches[j] = matches[j], matches[i] })
			}
			if len(targets) == 0 {
				continue
			}
			w.checkTargets(t, w.run(t, payload, matches), payload, root, targets)
		}
	}
}

// eachPlace visits the places below s that have a path of their own: repeated keys are left out.
func eachPlace(s *spot, path string, visit func(string, *spot)) {
	for i, kid := range s.kids {
		component := fmt.Sprint(i)
		if s.text[0] == '{' {
			component = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `|`, `\|`, `*`, `\*`, `?`, `\?`).Replace(s.keys[i])
			if s.member(func(key string) bool { return key == s.keys[i] }) != kid || strings.Count(strings.Join(s.keys, "\x00")+"\x00", s.keys[i]+"\x00") > 1 {
				continue
			}
		}
		if path != "" || s.parent != nil {
			component = path + "." + component
		}
		visit(component, kid)
		eachPlace(kid, component, visit)
	}
}

func TestDynamicPaths(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	replace := transforms("x")[2] // by 42
	deep := strings.Repeat(`{"a":`, 1500) + "1" + strings.Repeat("}", 1500)
	for _, tt := range []struct {
		name, payload string
		paths         []string
		want          string // "": not found
	}{
		{"in order", `{"a":1,"b":[1,{"c":2}],"d":3}`, []string{"a", "b.1.c", "d"}, `{"a":42,"b":[1,{"c":42}],"d":42}`},
		{"backwards", `{"a":1,"b":[1,{"c":2}],"d":3}`, []string{"d", "b.1.c", "b.0", "a"}, `{"a":42,"b":[42,{"c":42}],"d":42}`},
		{"outer wins", `{"a":{"b":1},"c":2}`, []string{"a.b", "a", "c", "a.b"}, `{"a":42,"c":42}`},
		{"stale ones are left out", `{"a":1}`, []string{"gone", "a.b", "a.0", "b.c.d", "a"}, `{"a":42}`},
		{"all stale", `{"a":1}`, []string{"gone", "a.b"}, ""},
		{"a repeated key is found twice", `{"a":1,"b":0,"a":2}`, []string{"a", "a"}, `{"a":42,"b":0,"a":42}`},
		{"one key twice", `{"a":1,"b":0}`, []string{"a", "a", "a"}, `{"a":42,"b":0}`},
		{"every element", `{"u":[{"m":1},{"x":2},{"m":[3]}],"m":4}`, []string{"u.#.m"}, `{"u":[{"m":42},{"x":2},{"m":42}],"m":4}`},
		{"elements of elements", `[[1,2],[],[3],4]`, []string{"#.#"}, `[[42,42],[],[42],4]`},
		{"# as a key", `{"#":[1],"a":{"#":2}}`, []string{"#.0", "a.#"}, `{"#":[42],"a":{"#":42}}`},
		{"escaped", `{"a.b":1,"a":{"b":2},"x*":3,"\u0061\\":4}`, []string{`a\.b`, `x\*`, `a\\`}, `{"a.b":42,"a":{"b":2},"x*":42,"\u0061\\":42}`},
		{"the empty key", `{"":1,"a":{"":2}}`, []string{"", "a."}, `{"":42,"a":{"":42}}`},
		{"root elements", `[1,[2],3]`, []string{"1.0", "2"}, `[1,[42],42]`},
		{"not indexes", `[1,2]`, []string{"-1", "+1", "1e0", "4294967295", "99999999999999", `\1`}, ""},
		{"deep", deep, []string{strings.TrimSuffix(strings.Repeat("a.", 1500), ".")}, strings.Replace(deep, ":1}", ":42}", 1)},
		{"deeper than there is", deep, []string{strings.Repeat("a.", 100_000)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTransformTwin(t, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: proto.CloneOf(replace)}}), jsonFormat)
			var matches []*steps.DetectiveStepResultMatch
			for _, path := range tt.paths {
				matches = append(matches, &steps.DetectiveStepResultMatch{Path: path})
			}
			r := w.run(t, tt.payload, matches)
			if tt.want == "" {
				if !strings.HasSuffix(r.GetExitMsg(), fmt.Sprintf(`' not found in data"): %d`, len(matches))) {
					t.Errorf("got %v %.200q %.200q", r.GetExitCode(), r.GetExitMsg(), r.GetOutputPayload())
				}
				return
			}
			w.wantTrue(t, r, tt.payload, string(r.GetOutputPayload()), tt.want)
		})
	}
}

// TestPlainSpans: spans count in the original text, whatever their order.
func TestPlainSpans(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	const text = "call kim or né at 555-0137"
	for _, tt := range []struct {
		name  string
		step  *steps.TransformStep
		spans [][2]int32
		want  string // what starts with ! is a reason for failure
	}{
		{"replace", transforms("")[4], [][2]int32{{5, 8}, {12, 15}}, "call plain words or plain words at 555-0137"},
		{"from last to first", transforms("")[4], [][2]int32{{12, 15}, {5, 8}}, "call plain words or plain words at 555-0137"},
		{"overlapping", transforms("")[2], [][2]int32{{5, 11}, {9, 15}}, "call 4242 at 555-0137"},
		{"inside and twice", transforms("")[2], [][2]int32{{6, 7}, {5, 8}, {5, 8}}, "call 42 or né at 555-0137"},
		{"delete", transforms("")[0], [][2]int32{{0, 5}, {8, 27}}, "kim"},
		{"delete all", transforms("")[0], [][2]int32{{0, 27}}, ""},
		{"mask", transforms("")[12], [][2]int32{{12, 15}, {19, 27}}, "call kim or éé at éééééé37"},
		{"a span that cuts a character takes it in", transforms("")[2], [][2]int32{{12, 14}}, "call kim or 42 at 555-0137"},
		{"hash", transforms("")[1], [][2]int32{{5, 8}}, "call sha256:26ae784d194a5760464348329af4eb9fca2b27bbf823742c968a61543e3a1153 or né at 555-0137"},
		{"truncate", transforms("")[24], [][2]int32{{19, 27}, {5, 8}}, "call k or né at 555-01"},
		{"reversed", transforms("")[2], [][2]int32{{5, 8}, {8, 5}}, "!end index must be greater than start index"},
		{"past the end", transforms("")[2], [][2]int32{{5, 28}}, "!end character out of bounds"},
		{"before the start", transforms("")[2], [][2]int32{{-1, 3}}, "!start character out of bounds"},
		{"far away", transforms("")[2], [][2]int32{{-2147483648, 2147483647}}, "!end character out of bounds"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newTransformTwin(t, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: tt.step}}), plainFormat)
			var matches []*steps.DetectiveStepResultMatch
			for _, s := range tt.spans {
				matches = append(matches, &steps.DetectiveStepResultMatch{CharIndexStart: s[0], CharIndexEnd: s[1]})
			}
			r := w.run(t, text, matches)
			if reason, failed := strings.CutPrefix(tt.want, "!"); failed {
				w.wantFalse(t, r, text, reason)
				return
			}
			w.wantTrue(t, r, text, string(r.GetOutputPayload()), tt.want)
		})
	}
}

// TestTransformGrows: many small values become long ones, so that the answer
// reaches far into the memory where it is prepared.
func TestTransformGrows(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, s := range transforms("#.v")[1:4] {
		w := newTransformTwin(t, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}, jsonFormat)
		for _, n := range []int{1, 2, 15, 16, 250, 3000} {
			w.check(t, "["+strings.Repeat(`{"v":""},`, n)+`{"v":1}]`)
		}
	}
}

// TestObfuscateLengths: every padding of SHA-256.
func TestObfuscateLengths(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	w := newTransformTwin(t, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: transforms("v")[1]}}, jsonFormat)
	for n := range 200 {
		w.check(t, `{"v":"`+strings.Repeat("x", n)+`"}`)
	}
}

// TestTransformDamagedPayload: what is cut off, or has text around it, is refused unchanged.
func TestTransformDamagedPayload(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, s := range transforms("k")[:12] {
		w := newTransformTwin(t, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}, jsonFormat)
		for _, payload := range []string{`{"k":1`, `{"k":"abc`, `{"k":"abc\`, `{"k":`, `{"k`, `{`, `{"k":1} x`, `{"x":[1,{"y":2}`, `plain text`, `"k`} {
			w.wantFalse(t, w.run(t, payload, nil), payload, "data is not valid JSON")
		}
	}
}

func TestTransformDeepPayload(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, s := range transforms("k")[:3] {
		w := newTransformTwin(t, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}, jsonFormat)
		for _, depth := range []int{1100, 100_000} {
			w.check(t, strings.Repeat(`{"x":`, depth)+"1"+strings.Repeat("}", depth))
			payload := `{"z":` + strings.Repeat(`[`, depth) + strings.Repeat("]", depth) + `,"k":"v"}`
			if r := w.run(t, payload, nil); r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE {
				t.Errorf("%d levels: %v %q", depth, r.GetExitCode(), r.GetExitMsg())
			}
		}
	}
}

// FuzzTransform compares compiled, native and reference on any payload.
func FuzzTransform(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":"x"}}`, `[{"a":1},{"a":["x"]}]`, `{"a" : 1 , "b" : 2 }`, `{"a":[1,[2]],"b":{"a":"\u00e9\n"}}`, `{"a":"x`, `{"a":1,,"b":2}`, ` [ 1 , 2 ] `, `{"a":1 "b":2}`, `{"b":"q\"","a":null}`} {
		f.Add(seed, uint8(0))
	}
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	var twins []*transformTwin
	for _, s := range append(transforms("a", "b", "b.a"), transforms("#.a", "1", "a.#")...) {
		twins = append(twins, newTransformTwin(f, b, engine, &pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}, jsonFormat))
	}
	f.Fuzz(func(t *testing.T, payload string, which uint8) { twins[int(which)%len(twins)].check(t, payload) })
}

// FuzzDynamic gives dynamic steps any paths and spans.
func FuzzDynamic(f *testing.F) {
	f.Add(`{"a":{"b":["x"]}}`, "a.b.0", "a.b", int32(3), int32(5), uint8(0))
	f.Add(`[[1],{"":2}]`, "#.#", "1.", int32(-3), int32(5), uint8(1))
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	var twins []*transformTwin
	for _, s := range append(transforms("a"), extraction(true, "a"), extraction(false, "b.#.a")) {
		for _, format := range []pb.PipelineDataFormat{jsonFormat, plainFormat} {
			twins = append(twins, newTransformTwin(f, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: s}}), format))
		}
	}
	f.Fuzz(func(t *testing.T, payload, one, two string, from, to int32, which uint8) {
		if !utf8.ValidString(one) || !utf8.ValidString(two) {
			return
		}
		matches := []*steps.DetectiveStepResultMatch{{Path: one, CharIndexStart: from, CharIndexEnd: to}, {Path: two, CharIndexStart: to, CharIndexEnd: from + 9}, {Path: one + "." + two, CharIndexEnd: 1}}
		w := twins[int(which)%len(twins)]
		r := w.run(t, payload, matches)
		if which&1 == 0 && r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE && json.Valid([]byte(payload)) && !json.Valid(r.GetOutputPayload()) {
			t.Fatalf("%v\npayload %q\noutput  %q", w.step, payload, r.GetOutputPayload())
		}
	})
}

// FuzzTransformRequest feeds any bytes as a request.
func FuzzTransformRequest(f *testing.F) {
	f.Add([]byte("\x12\x07{\"a\":1}\x22\x07\x0a\x05\x0a\x03\x12\x01a"))
	f.Add([]byte("\x22\x07\x0a\x05\x0a\x03\x12\x01a\x12\x87\x00{\"a\":1}"))
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	w := newTransformTwin(f, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: transforms("a")[2]}}), jsonFormat)
	f.Fuzz(func(t *testing.T, request []byte) {
		if err := proto.Unmarshal(w.call(t, request), &pb.WASMResponse{}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestMaskWhatADetectiveFinds: whatever keys lead there, and however often a key
// is repeated, no e-mail address is left.
func TestMaskWhatADetectiveFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(37, 41))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	find := newTwin(t, b, engine, &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL})
	mask := newTransformTwin(t, b, engine, dynamic(&pb.PipelineStep{Step: &pb.PipelineStep_Transform{Transform: transforms("")[10]}}), jsonFormat)
	detect := func(payload []byte) []*steps.DetectiveStepResultMatch {
		wire, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
		if err != nil {
			t.Fatal(err)
		}
		r := &pb.WASMResponse{}
		if err := proto.Unmarshal(find.call(t, wire), r); err != nil {
			t.Fatal(err)
		}
		return r.GetInterStepResult().GetDetectiveResult().GetMatches()
	}
	masked := 0
	for range 400 {
		payload := randomRecord(random)
		matches := detect([]byte(payload))
		if len(matches) == 0 || !json.Valid([]byte(payload)) || payload[0] != '{' && payload[0] != '[' {
			continue
		}
		masked++
		r := mask.run(t, payload, matches)
		if left := detect(r.GetOutputPayload()); r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_TRUE || len(left) > 0 {
			t.Fatalf("payload %q\n%v %q\noutput  %q\nleft    %v", payload, r.GetExitCode(), r.GetExitMsg(), r.GetOutputPayload(), left)
		}
	}
	if masked < 20 {
		t.Errorf("only %d documents with addresses", masked)
	}
}
