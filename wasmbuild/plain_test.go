package wasmbuild

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// plainStep is a detective for plain text.
func plainStep(thorough, negate bool) *steps.DetectiveStep {
	d := keywordStep("", thorough, negate)
	d.Type = steps.DetectiveType_DETECTIVE_TYPE_PII_PLAINTEXT_ANY
	return d
}

// plainMatches writes matches as "kind=text", or "path:kind=text" for members of objects.
func plainMatches(t *testing.T, payload string, r *pb.WASMResponse) string {
	t.Helper()
	var list []string
	for _, m := range matchesOf(r) {
		from, to := int(m.GetCharIndexStart()), int(m.GetCharIndexEnd())
		if from < 0 || to <= from || to > len(payload) {
			t.Fatalf("%.300q: match at %d to %d", payload, from, to)
		}
		text := m.GetPiiType() + "=" + payload[from:to]
		if m.GetType() == steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD {
			text = m.GetPath() + ":" + text
		}
		list = append(list, text)
	}
	return strings.Join(list, " & ")
}

const bcrypt = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

func TestPlainWords(t *testing.T) {
	t.Parallel()
	w := newTwin(t, newBuilder(t), newRunner(t, runner.Options{}), plainStep(false, false))
	for text, want := range map[string]string{
		"":              "",
		"no data":       "",
		"a@x.io,b@x.io": "Person=a@x.io & Person=b@x.io",
		"(x@y.io) x@y.io; <x@y.io>! [x@y.io](mailto:x@y.io)":          "Person=x@y.io & Person=x@y.io & Person=x@y.io & Person=x@y.io & Person=x@y.io",
		"x@y.io... 'x@y.io' \u201cx@y.io\u201d *x@y.io* x@y.io\u3002": "Person=x@y.io & Person=x@y.io & Person=x@y.io & Person=x@y.io & Person=x@y.io",
		"o'brien+tag_1@mail.example.org":                              "Person=o'brien+tag_1@mail.example.org",
		"x@y @y.io x@ a@b@c.io x@y_z.io @@ x@-y":                      "",
		"https://u:p@host.example/?q=kim@x.io&z=1":                    "Person=p@host.example & Person=kim@x.io",
		`{"a\nkim@x.io`:                  "Person=kim@x.io",
		"été: rené@bücher.example—merci": "Person=rené@bücher.example",
		"10.2.3.4:8080 http://10.2.3.4/x 10.2.3.4/24 [fe80::a1]:443 10.2.3.4.":                             "IP_Information=10.2.3.4 & IP_Information=10.2.3.4 & IP_Information=10.2.3.4 & IP_Information=fe80::a1 & IP_Information=10.2.3.4",
		"2001:db8::1/64 0A:1b:2c:3d:4e:5f 00-11-22-33-44-55":                                               "IP_Information=2001:db8::1 & Device=0A:1b:2c:3d:4e:5f & Device=00-11-22-33-44-55",
		"std::vector :: 12:34:56 1.2.3 v10.2.3.4.5 10.2.3.456 ::":                                          "",
		"host 192.168.100.20 up":                                                                           "IP_Information=192.168.100.20",
		"(415) 555-0137, 415.555.0137; 1-415-555-0137 4155550137.":                                         "Person=(415) 555-0137 & Person=415.555.0137 & Person=1-415-555-0137 & Person=4155550137",
		"tel:+44-20-7946-0018 tel+442079460018 +1 415 555 0137 12 times":                                   "Person=+44-20-7946-0018 & Person=+442079460018 & Person=+1 415 555 0137",
		"2026-11-23T07:24:04Z 2026-11-23 07:24 7c1b4a1e-0001-4d5e-9b1a-0f2f3c4d5e6f 1.5e10 12345678901234": "",
		"4539 8529 6307 4188, 4539-8529-6307-4188 4539852963074188. xx4539852963074188":                    "Billing=4539 8529 6307 4188 & Billing=4539-8529-6307-4188 & Billing=4539852963074188",
		"12 4539 8529 6307 4188 3782 822463 10005":                                                         "Billing=4539 8529 6307 4188 & Billing=3782 822463 10005",
		"219-07-4418/219-07-4418 219\u201307\u20134418 ２１９-07-4418 219-07-44180":                           "Person=219-07-4418 & Person=219-07-4418 & Person=219\u201307\u20134418 & Person=２１９-07-4418",
		"130692544 130 692 544 130-692-544 130692545":                                                      "Person=130692544 & Person=130 692 544 & Person=130-692-544",
		"AB123456C AB 12 34 56 C, AB 123456 C. AB 12 34 56 CD":                                             "Person=AB123456C & Person=AB 12 34 56 C & Person=AB 123456 C",
		"GB82WEST12345698765432 GB82 WEST 1234 5698 7654 32 gone GB83 WEST 1234":                           "Banking_and_Financial=GB82WEST12345698765432 & Banking_and_Financial=GB82 WEST 1234 5698 7654 32",
		"vin=1HGCM82633A004352 key AKIAIOSFODNN7EXAMPLE":                                                   "Vehicle_Information=1HGCM82633A004352 & AWS=AKIAIOSFODNN7EXAMPLE",
		"pw " + bcrypt + ", $9$x $6$rounds=5000$ab$cd. $1$ab":                                              "Credentials=" + bcrypt + " & Credentials=$6$rounds=5000$ab$cd & Credentials=$1$ab",
		"Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln;":                                            "JWT=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln",
		"token ghp_" + strings.Repeat("a1", 18) + " end":                                                   "Github=ghp_" + strings.Repeat("a1", 18),
	} {
		r := w.answerTo(t, text)
		if got := plainMatches(t, text, r); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestPlainObjects(t *testing.T) {
	t.Parallel()
	w := newTwin(t, newBuilder(t), newRunner(t, runner.Options{}), plainStep(false, false))
	for text, want := range map[string]string{
		`x {"email":"e","n":1} y {"ssn":2}`:                                "email:Person=e & ssn:Person=2",
		`[{"email":"a"},{"email":"b"}]`:                                    "email:Person=a & email:Person=b",
		`{"email":"kim@x.io","note":"{ } kim@x.io"}`:                       "email:Person=kim@x.io & Person=kim@x.io",
		`{"token":"a\"b","p":{"pin":[{"pin":7}]}}`:                         `token:Credentials=a\"b & p.pin.0.pin:Banking_and_Financial=7`,
		`log "{\"password\":\"h\\u0069\",\"a\":{\"email\":\"é\"}}" end`:    `password:Credentials=h\\u0069 & a.email:Person=é`,
		`{ {"email":"a"}`:                                                  "email:Person=a",
		`{"x":{"email":"a"},"y":`:                                          "email:Person=a",
		`{"note: {"email":"a"} }`:                                          "email:Person=a",
		`{email: "a"} {"email":a} {"email" "a"} {"email":"a",} {"email":"`: "",
		`kim@x.io {"a":"b@x.io","email":"c@x.io"} 10.2.3.4`:                "Person=kim@x.io & Person=b@x.io & email:Person=c@x.io & IP_Information=10.2.3.4",
		"\u2013 {\"ssn\":\"219\u201307\u20134418\"} x@y.io":                "ssn:Person=219\u201307\u20134418 & Person=x@y.io",
		`{"my_password_hash":"x"}`:                                         "",
	} {
		r := w.answerTo(t, text)
		if got := plainMatches(t, text, r); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
	for _, m := range matchesOf(w.answerTo(t, `"{\"token\":\"a\\\"b\"}"`)) {
		if got, want := string(m.GetValue()), `a"b`; got != want {
			t.Errorf("value %q, want %q", got, want)
		}
	}
	thorough := newTwin(t, newBuilder(t), newRunner(t, runner.Options{}), plainStep(true, false))
	text := `{"my_password_hash":"x"}`
	if got, want := plainMatches(t, text, thorough.answerTo(t, text)), "my_password_hash:Credentials=x"; got != want {
		t.Errorf("thorough: got %s, want %s", got, want)
	}
}

func TestPlainNegate(t *testing.T) {
	t.Parallel()
	w := newTwin(t, newBuilder(t), newRunner(t, runner.Options{}), plainStep(false, true))
	for text, want := range map[string]pb.WASMExitCode{
		"kim@x.io": pb.WASMExitCode_WASM_EXIT_CODE_FALSE,
		"nothing":  pb.WASMExitCode_WASM_EXIT_CODE_TRUE,
	} {
		if r := w.answerTo(t, text); r.GetExitCode() != want || len(matchesOf(r)) != 0 {
			t.Errorf("%s: got %v with %d matches, want %v", text, r.GetExitCode(), len(matchesOf(r)), want)
		}
	}
}

// TestPlainThenTransform runs a detective and, on what it found, a transform.
func TestPlainThenTransform(t *testing.T) {
	t.Parallel()
	const text = `été: call +44 20 7946 0018 or kim@bücher.example, user=lee@x.io {"token":"s3cret","n":1}`
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	found := newTwin(t, b, engine, plainStep(false, false)).answerTo(t, text).GetInterStepResult()
	for want, s := range map[string]*steps.TransformStep{
		`été: call X or X, user=X {"token":"X","n":1}`: {
			Type:    steps.TransformType_TRANSFORM_TYPE_REPLACE_VALUE,
			Options: &steps.TransformStep_ReplaceValueOptions{ReplaceValueOptions: &steps.TransformReplaceValueOptions{Value: "X"}},
		},
		`été: call  or , user= {"token":"","n":1}`: {
			Type:    steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD,
			Options: &steps.TransformStep_DeleteFieldOptions{DeleteFieldOptions: &steps.TransformDeleteFieldOptions{}},
		},
		`été: call #############018 or ###############ple, user=######io {"token":"#####t","n":1}`: {
			Type:    steps.TransformType_TRANSFORM_TYPE_MASK_VALUE,
			Options: &steps.TransformStep_MaskOptions{MaskOptions: &steps.TransformMaskOptions{Mask: "#"}},
		},
	} {
		step := dynamic(transform(s))
		m, err := b.Step(t.Context(), step, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_PLAINTEXT)
		if err != nil {
			t.Fatal(err)
		}
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		r, err := i.Call(t.Context(), &pb.WASMRequest{
			Step: step, InputPayload: []byte(text), InterStepResult: found, DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_PLAINTEXT,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.GetOutputPayload()); got != want {
			t.Errorf("%v:\ngot  %s\nwant %s", s.GetType(), got, want)
		}
	}
}

// checkPlain holds what is true of every answer.
func (w *twin) checkPlain(t testing.TB, payload []byte) {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(w.call(t, request), r); err != nil {
		t.Fatal(err)
	}
	if string(r.GetOutputPayload()) != string(payload) || r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET {
		t.Fatalf("%.300q: answer %v %.300q", payload, r.GetExitCode(), r.GetOutputPayload())
	}
	last := int32(0)
	for _, m := range matchesOf(r) {
		from, to := m.GetCharIndexStart(), m.GetCharIndexEnd()
		if from < last || to <= from || int(to) > len(payload) {
			t.Fatalf("%.300q: match from %d to %d, after %d", payload, from, to, last)
		}
		last = from
		text := payload[from:to]
		if !utf8.Valid(text) || m.GetPath() == "" && string(m.GetValue()) != string(text) && m.GetType() != steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD {
			t.Fatalf("%.300q: match %q with value %q", payload, text, m.GetValue())
		}
	}
}

// plainParts are what random texts are made of.
var plainParts = []string{
	" ", " ", ",", "; ", ".", "-", "(", ")", "+", "@", "/", ":", "=", `"`, `\"`, `\`, "{", "}", "[", "]", "é", "\u2013", "１", "\u3002", "\u00a0", "\n", "x", "GB82", "AB", "WEST",
	"12", "415", "555", "0137", "4539", "8529", "6307", "4188", "219-07-4418", "10.2.3.4", "fe80::", "::", "kim@x.io", "$2b$", "word", `{"email":"`, `"}`, `{\"pin\":`, `\"}`, `1}`,
	`{"a":{"token":`, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln", "AKIAIOSFODNN7EXAMPLE", "0a:1b:2c:3d:4e:5f", "1HGCM82633A004352",
}

func plainTwins(t testing.TB) []*twin {
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	return []*twin{newTwin(t, b, engine, plainStep(false, false)), newTwin(t, b, engine, plainStep(true, false)), newTwin(t, b, engine, plainStep(false, true))}
}

func TestPlainRandom(t *testing.T) {
	t.Parallel()
	twins := plainTwins(t)
	random := rand.New(rand.NewPCG(7, 2037))
	for range 600 {
		var text strings.Builder
		for range random.IntN(40) {
			text.WriteString(pick(random, plainParts))
		}
		twins[random.IntN(len(twins))].checkPlain(t, []byte(text.String()))
	}
}

func FuzzPlain(f *testing.F) {
	for _, seed := range plainParts {
		f.Add([]byte("a "+seed+" b"), uint8(0))
	}
	f.Add([]byte(`x {"email":"a@b.c","l":[{"pin":1}]} "{\"ssn\":\"1\"}" 219`+"\u2013"+`07-4418`), uint8(1))
	twins := plainTwins(f)
	f.Fuzz(func(t *testing.T, payload []byte, which uint8) { twins[int(which)%len(twins)].checkPlain(t, payload) })
}

// TestPlainLimits holds that no text takes long or makes a module trap.
func TestPlainLimits(t *testing.T) {
	t.Parallel()
	const mebibyte = 1 << 20
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: plainStep(false, false)}}
	m := build(t, b, step)
	if limit := 48 << 10; len(m.Bytes) > limit {
		t.Errorf("module has %d bytes, more than %d", len(m.Bytes), limit)
	}
	i, err := engine.Load(t.Context(), m.Bytes, m.Function)
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string]string{
		"braces": "{", "open": `{"a":`, "nested": `{"a":{"b":1},`, "escaped": `{\"a\":`, "strings": `{"`, "unclosed": `{"{":`, "ats": "@", "addresses": "a@x.io ", "digits": "4",
		"groups": "4 ", "numbers": "4155550137 ", "slashes": "/1", "colons": "1:", "plus": "+1", "parens": "(1", "dashes": "1\u2013", "accents": "é", "quotes": `"`, "backslashes": `\`,
		"secrets": `{"token":"x"} `, "ibans": "GB82 ", "letters": "AB ", "dollars": "$1$", "hashes": "$1$ ", "slashed": "a/b:c+d/1", "zeros": "\x00",
	} {
		payload := strings.Repeat(part, mebibyte/len(part))
		r, err := i.Call(t.Context(), requestFor(step, []byte(payload)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET || string(r.GetOutputPayload()) != payload {
			t.Errorf("%s: %v %q, %d bytes", name, r.GetExitCode(), r.GetExitMsg(), len(r.GetOutputPayload()))
		}
	}
	for n := 1; n < 3000; n += 500 { // a value at any place
		text := fmt.Sprintf("%s kim@x.io", strings.Repeat("w ", n))
		r, err := i.Call(t.Context(), requestFor(step, []byte(text)))
		if err != nil || plainMatches(t, text, r) != "Person=kim@x.io" {
			t.Errorf("%d words: %v %v", n, r, err)
		}
	}
}

// TestNamesFlatMemory calls as each SDK does: what they free or do not free must make no difference.
func TestNamesFlatMemory(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	text := []byte(`kim@x.io 219` + "\u2013" + `07-4418 {"email":"e"} "{\"token\":\"t\"}" ` + strings.Repeat("word ", 2000))
	for _, sequence := range []runner.Sequence{runner.Go, runner.Node, runner.Python, runner.Ruby} {
		engine := newRunner(t, runner.Options{Sequence: sequence})
		for _, d := range []*steps.DetectiveStep{keywordStep("", false, false), keywordStep("", true, false), plainStep(false, false)} {
			step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: d}}
			i, err := engine.Load(t.Context(), build(t, b, step).Bytes, entryName)
			if err != nil {
				t.Fatal(err)
			}
			requests := [][]byte{marshal(t, requestFor(step, text)), marshal(t, requestFor(step, order(3000)))}
			var settled uint32
			for n := range 3000 {
				if _, err := i.CallRaw(t.Context(), requests[n%2]); err != nil {
					t.Fatal(err)
				}
				if n == 10 {
					settled = i.MemorySize()
				}
			}
			if got := i.MemorySize(); got != settled {
				t.Errorf("%v: memory grew from %d to %d bytes", d.GetType(), settled, got)
			}
		}
	}
}
