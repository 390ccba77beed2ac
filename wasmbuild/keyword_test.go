package wasmbuild

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/keywords"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// keywordStep is a keyword detective.
func keywordStep(path string, thorough, negate bool) *steps.DetectiveStep {
	mode := steps.DetectiveTypePIIKeywordMode_DETECTIVE_TYPE_PII_KEYWORD_MODE_PERFORMANCE
	if thorough {
		mode = steps.DetectiveTypePIIKeywordMode_DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY
	}
	return &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD, Path: &path, PiiKeywordMode: &mode, Negate: &negate}
}

// named is a member found by its name.
type named struct{ path, value, entity string }

// nameSearch looks for members by their names in a plain tree.
type nameSearch struct {
	thorough, negate bool
	found            []named
}

func (s *nameSearch) below(n *node, place string, parents []string) {
	for i, kid := range n.kids {
		name, part := keywords.Index, strconv.Itoa(i)
		if n.kind == '{' {
			name, part = n.keys[i], component(n.keys[i])
		}
		if place != "" || len(parents) > 0 {
			part = place + "." + part
		}
		switch {
		case kid.kind == '{' || kid.kind == '[':
			s.below(kid, part, append(parents[:len(parents):len(parents)], name))
		case (kid.kind == '"' || kid.kind == '0') && kid.text != "":
			s.leaf(kid, part, parents, name)
		}
	}
}

func (s *nameSearch) leaf(n *node, place string, parents []string, name string) {
	entity := keywords.Find(parents, name, s.thorough)
	if (entity != "") != s.negate {
		s.found = append(s.found, named{place, n.text, entity})
	}
}

// checkNames compares the answer on a payload with the reference's.
func (w *twin) checkNames(t testing.TB, payload []byte) {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(w.call(t, request), r); err != nil {
		t.Fatal(err)
	}
	if string(r.GetOutputPayload()) != string(payload) {
		t.Fatalf("payload %.300q\noutput  %.300q", payload, r.GetOutputPayload())
	}
	if len(payload) == 0 || !utf8.Valid(payload) || !json.Valid(payload) || tooDeep(payload) {
		return
	}
	thorough := w.detective.GetPiiKeywordMode() == steps.DetectiveTypePIIKeywordMode_DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY
	s := nameSearch{thorough: thorough, negate: w.detective.GetNegate()}
	s.below(parseNode(payload), "", nil)
	want := s.found
	if path := w.detective.GetPath(); path != "" { // paths in these tests resolve to themselves
		want = nil
		for _, m := range s.found {
			if m.path == path || strings.HasPrefix(m.path, path+".") {
				want = append(want, m)
			}
		}
	}
	var got []named
	for _, m := range matchesOf(r) {
		got = append(got, named{m.GetPath(), string(m.GetValue()), m.GetPiiType()})
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(named{})); diff != "" {
		t.Fatalf("%v\npayload %.700q\nmatches (-want +got):\n%s", w.detective, payload, diff)
	}
}

// keywordTwins are keyword rules of each kind.
func keywordTwins(t testing.TB) []*twin {
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	var twins []*twin
	for _, d := range []*steps.DetectiveStep{
		keywordStep("", false, false), keywordStep("", true, false), keywordStep("", false, true), keywordStep("", true, true),
		keywordStep("user", false, false), keywordStep("aws", true, false), keywordStep("a.address", true, false), keywordStep("github.token", false, false),
	} {
		twins = append(twins, newTwin(t, b, engine, d))
	}
	return twins
}

// nameParts are what random names are made of.
var nameParts = []string{
	"email", "Email", "token", "auth", "user", "id", "key", "region", "aws", "AWS", "github", "x", "a", "address", "first", "name", "phone_number", "phone",
	"_", "-", "1", "2", ".", "ipv4_addr", "cvv2", "cc", "office365", "api_key", "credit", "card", "\u0662", "\u212aey", "é", "gcp.token", "to\u212aen", "#", "apple",
}

// namedDocument is a random object whose members have names like those that are looked for.
func namedDocument(random *rand.Rand) []byte {
	w := &documentWriter{random: random}
	w.names(4)
	return []byte(w.b.String())
}

func (w *documentWriter) names(depth int) {
	w.space()
	switch n := w.random.IntN(10); {
	case n < 5 && depth > 0:
		w.list('{', '}', func() {
			var name strings.Builder
			for range w.random.IntN(4) {
				name.WriteString(pick(w.random, nameParts))
			}
			if w.random.IntN(2) == 0 {
				name.Reset()
				name.WriteString(pick(w.random, nameParts))
			}
			w.space()
			w.text(name.String())
			w.space()
			w.b.WriteByte(':')
			w.names(depth - 1)
		})
	case n < 6 && depth > 0:
		w.list('[', ']', func() { w.names(depth - 1) })
	case n < 8:
		w.text(pick(w.random, []string{"", "x", `"email":`, `":"`, `{"email":"x"}`, `a\b`, "é\n", strings.Repeat("long ", 20)}))
	default:
		w.b.WriteString(pick(w.random, []string{"0", "-1.5e3", "true", "null", "12345678901"}))
	}
	w.space()
}

func TestKeywordsAgainstReference(t *testing.T) {
	t.Parallel()
	twins := keywordTwins(t)
	random := rand.New(rand.NewPCG(3, 2036))
	for range 120 {
		payload := namedDocument(random)
		for _, w := range twins {
			w.checkNames(t, payload)
		}
	}
	for _, k := range keywords.List() {
		parts := strings.Split(k.Text, ".")
		payload := `"x"`
		for i := len(parts) - 1; i >= 0; i-- {
			payload = fmt.Sprintf(`{"z":0,%q:%s,"email":1}`, parts[i], payload)
		}
		twins[0].checkNames(t, []byte(payload))
		twins[1].checkNames(t, []byte(strings.ToUpper(payload)))
		twins[1].checkNames(t, []byte(`{"in":`+payload+`,"pre`+k.Text+`post":1}`))
	}
}

func FuzzKeywords(f *testing.F) {
	for _, seed := range []string{
		`{"email":"x"}`, `{"aws":{"region":"r"},"a":[{"first_name":1}]}`, `{"a":":","b":"\":","email":"x"}`, `{"email" : "x" "ssn":1}`, `{"e\u006dail":"\u0041"}`,
		`{"user":{"email":"a","l":[1,{"pin":2}]}}`, `{"a":{"address":{"x":"y"}}}`, `{"email":"x"`, `{"a":{"email":"x"`, `["email",":"]`, `{".aws.region":1}`,
	} {
		f.Add([]byte(seed), uint8(0))
	}
	twins := keywordTwins(f)
	f.Fuzz(func(t *testing.T, payload []byte, which uint8) { twins[int(which)%len(twins)].checkNames(t, payload) })
}

// TestKeywordLimits holds what no reference says: answers at the limits of depth and size.
func TestKeywordLimits(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	for name, payload := range map[string]string{
		"deep":      strings.Repeat(`{"address":[`, 60_000),
		"long name": `{"` + strings.Repeat("_", 1<<20) + `email":"x"}`,
		"names":     `{` + strings.Repeat(`"auth":"x",`, 90_000) + `"z":0}`,
		"colons":    `{"a":"` + strings.Repeat(`\":`, 300_000) + `"}`,
		"quotes":    strings.Repeat(`":`, 500_000),
		"path":      strings.Repeat(`{"`+strings.Repeat("k", 400)+`":`, 2000) + `{"email":1}` + strings.Repeat("}", 2000),
	} {
		for _, thorough := range []bool{false, true} {
			step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: keywordStep("", thorough, false)}}
			i, err := engine.Load(t.Context(), build(t, b, step).Bytes, entryName)
			if err != nil {
				t.Fatal(err)
			}
			r, err := i.Call(t.Context(), requestFor(step, []byte(payload)))
			if err != nil {
				t.Fatalf("%s, thorough %v: %v", name, thorough, err)
			}
			if r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_UNSET || string(r.GetOutputPayload()) != payload {
				t.Errorf("%s, thorough %v: %v %q", name, thorough, r.GetExitCode(), r.GetExitMsg())
			}
			if name == "long name" && len(matchesOf(r)) != 1 {
				t.Errorf("%s, thorough %v: %v %s", name, thorough, r.GetExitCode(), r.GetExitMsg())
			}
		}
	}
}

// TestKeywordPath holds what paths of all kinds give.
func TestKeywordPath(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	const payload = `{"users":[{"name":{"email":"a"},"aws":{"region":"r"}},{"pin":2}],"tags":["x"],"email":"e","n":null}`
	for path, want := range map[string]string{
		"users":            "users.0.name.email users.1.pin",
		"us*s":             "us*s.0.name.email us*s.1.pin",
		"users.0":          "users.0.name.email",
		"users.#.name":     "users.#.name|0.email",
		"users.0.aws":      "",
		"email":            "email",
		"n":                "",
		"tags":             "",
		"users.1.pin":      "users.1.pin",
		"@this":            "@this.users.0.name.email @this.users.1.pin @this.email",
		"users.#(pin=2)":   "users.#(pin=2).pin",
		"users.0.name.foo": "error: path 'users.0.name.foo' not found in data",
	} {
		r := newTwin(t, b, engine, keywordStep(path, false, false)).answerTo(t, payload)
		var got []string
		for _, m := range matchesOf(r) {
			got = append(got, m.GetPath())
		}
		if msg := r.GetExitMsg(); msg != "completed detective run" {
			got = append(got, msg)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// TestKeywordSize holds the modules to their promised size.
func TestKeywordSize(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, thorough := range []bool{false, true} {
		m := build(t, b, &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: keywordStep("", thorough, false)}})
		limit := 32 << 10
		if thorough {
			limit = 64 << 10
		}
		if len(m.Bytes) > limit {
			t.Errorf("thorough %v: module has %d bytes, more than %d", thorough, len(m.Bytes), limit)
		}
	}
}
