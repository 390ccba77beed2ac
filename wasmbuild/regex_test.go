package wasmbuild

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

func regexStep(path, text string, negate bool) *steps.DetectiveStep {
	return &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_REGEX, Path: &path, Args: []string{text}, Negate: &negate}
}

// regexPieces are written alike in Rust and Go and mean the same. Each of the last
// ones is too large for an automaton.
var (
	regexPieces = []string{
		"a", "b", "é", "日本", "😀", "1", "-", " ", "ab", "ORD-", ".", "[^a]", "[a-cα-ω]", `\pL`, "(?i:k)", `\x{3B1}`, "a?", "b+", "(?:ab|é)*", "(?:a|日){2,3}",
		"^", "$", `\A`, `\z`, "(?m:^)", "(?m:$)", `\n`, "(?s:.)", "[[:alpha:]]", "(?:|a)", "x|", "|y", "(?:1|ab){2}",
	}
	simulatedPieces = []string{"[ab]*a[ab]{20}é", "(?:.{1,30}x){1,30}$", "[ab1]*a.{25}"}
)

// checkRegex compares a rule's answer on one text, at a path and in a scan.
func checkRegex(t *testing.T, w *twin, payload []byte, want bool) {
	t.Helper()
	request, err := proto.Marshal(&pb.WASMRequest{InputPayload: payload})
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.WASMResponse{}
	if err := proto.Unmarshal(w.call(t, request), r); err != nil {
		t.Fatal(err)
	}
	if got := r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE; got != want || r.GetExitMsg() != "completed detective run" {
		t.Fatalf("%v\npayload %q\ngot %v %q, want %v", w.detective, payload, got, r.GetExitMsg(), want)
	}
}

// TestRegexAgainstGo runs random patterns on random texts, natively and compiled,
// and compares both with Go's regexp.
func TestRegexAgainstGo(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(17, 4))
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	seen := map[string]int{}
	for i := range 80 {
		var text string
		for range 1 + random.IntN(4) {
			text += pick(random, regexPieces)
		}
		if i%10 == 0 {
			text += "(?:" + pick(random, simulatedPieces) + ")"
		}
		re := regexp.MustCompile(text)
		negate := random.IntN(4) == 0
		path := pick(random, []string{"v", ""})
		w := newTwin(t, b, engine, regexStep(path, text, negate))
		seen[w.native.Bind["match"]]++
		for range 8 {
			value := randomValue(random)
			d := &documentWriter{random: random}
			d.b.WriteString(`{"v":`)
			d.text(value)
			d.b.WriteString("}")
			checkRegex(t, w, []byte(d.b.String()), re.MatchString(value) != negate)
		}
	}
	for _, matcher := range []string{"matchRegex", "matchRegexText", "matchRegexSim", "matchContainsAny"} {
		if seen[matcher] == 0 {
			t.Errorf("no pattern uses %s", matcher)
		}
	}
}

// randomValue is text that random patterns may match.
func randomValue(random *rand.Rand) string {
	var b strings.Builder
	for range random.IntN(30) {
		b.WriteString(pick(random, []string{"a", "b", "ab", "é", "日本", "😀", "1", "-", " ", "k", "\u212a", "α", "\n", "x", "y", "ORD-", "\"", "\\", "aaab", "abababab"}))
	}
	return b.String()
}

// TestRegexCutCharacters has escapes that cut a character in two: such bytes count
// as one replacement character each.
func TestRegexCutCharacters(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, c := range []struct {
		pattern, payload string
		want             bool
	}{
		{`^\x{FFFD}{2}$`, `{"v":"\u000é"}`, true},
		{`^.{2}$`, `{"v":"\u000é"}`, true},
		{`^\x{FFFD}{3}x$`, `{"v":"\u000日x"}`, true},
		{`^\x{FFFD}{2}é$`, `{"v":"\u00éxé"}`, false},
		{`^\x{FFFD}[^x]$`, `{"v":"\ud800é"}`, true},
		{`\w`, `{"v":"\u000é"}`, false},
		{`[ab]*a[ab]{20}|^..$`, `{"v":"\u000é"}`, true},
	} {
		checkRegex(t, newTwin(t, b, engine, regexStep("v", c.pattern, false)), []byte(c.payload), c.want)
	}
}

// TestRegexValues has values that are no strings, and scans.
func TestRegexValues(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, c := range []struct {
		path, pattern, payload string
		matches                []found
	}{
		{"v", `^$`, `{"v":null}`, []found{{"v", ""}}},
		{"v", ``, `{"v":1}`, []found{{"v", "1"}}},
		{"v", `^1\.5e3$`, `{"v":1.5e3}`, []found{{"v", "1.5e3"}}},
		{"v", `^b`, `{"v":["a","b"]}`, []found{{"v", `["a","b"]`}}},
		{"", `^\d+$`, `{"a":1,"b":{"c":"2","d":"x3"},"e":[null,true,"\u0034"]}`, []found{{"a", "1"}, {"b.c", "2"}, {"e.2", "4"}}},
		{"", `RD-\d`, `{"a":"ORD-1","b":"\u004fR\u0044-2","ORD-3":"no"}`, []found{{"a", "ORD-1"}, {"b", "ORD-2"}}},
		{"", `@`, `{"a":"x@y","b":"\u0040","c":["@"]}`, []found{{"a", "x@y"}, {"b", "@"}, {"c.0", "@"}}},
		{"", ``, `{"a":"","b":false}`, []found{{"a", ""}, {"b", "false"}}},
		{"", `[^\x00-\x{10FFFF}]`, `{"a":""}`, nil},
	} {
		w := newTwin(t, b, engine, regexStep(c.path, c.pattern, false))
		request, err := proto.Marshal(&pb.WASMRequest{InputPayload: []byte(c.payload)})
		if err != nil {
			t.Fatal(err)
		}
		r := &pb.WASMResponse{}
		if err := proto.Unmarshal(w.call(t, request), r); err != nil {
			t.Fatal(err)
		}
		var got []found
		for _, m := range r.GetInterStepResult().GetDetectiveResult().GetMatches() {
			got = append(got, found{m.GetPath(), string(m.GetValue())})
		}
		if !slices.Equal(got, c.matches) {
			t.Errorf("%q on %s finds %v, want %v", c.pattern, c.payload, got, c.matches)
		}
	}
}

func TestRegexRefused(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for text, want := range map[string]string{
		`(?<=a)b`:                     `The regular expression "(?<=a)b" cannot be used: at character 1, look-ahead and look-behind are not supported; express the rule without them, or with several steps.`,
		`[z-a]`:                       `The regular expression "[z-a]" cannot be used: at character 2, the range's end comes before its start; exchange them.`,
		`(\w{1,500}\s){1,50}x`:        `The regular expression "(\\w{1,500}\\s){1,50}x" cannot be used: the pattern is too large: it has 25052 places to keep track of, and 8192 are the most; use smaller counts, or several steps.`,
		strings.Repeat("é", 70) + "(": `The regular expression "` + strings.Repeat("é", 60) + `"... cannot be used: at character 71, the group is not closed; add a ")".`,
	} {
		for _, path := range []string{"", "v"} {
			step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: regexStep(path, text, false)}}
			_, err := b.Step(t.Context(), step, 0)
			var refused *StepError
			if !errors.As(err, &refused) || refused.Reason != want {
				t.Errorf("%q gives %v\nwant %s", text, err, want)
			}
		}
	}
}

// TestRegexLinear runs costly patterns on texts that make others backtrack.
func TestRegexLinear(t *testing.T) {
	t.Parallel()
	const (
		size    = 64 << 10
		longest = 10 * time.Second // on a machine that does much else; 0.03 s is usual for the worst
	)
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	for _, text := range []string{`(x+x+)+y`, `^(a|aa)+$`, `(a|b)*a(a|b){20}c`, `(?:.{1,40}_){1,40}$`, `(?:\w{1,300}\s){1,26}x`, `(.*a){40}(.*b){40}$`} {
		step := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: regexStep("v", text, false)}}
		m, err := b.Step(t.Context(), step, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(m.Bytes); n > pattern.MaxTable+1<<15 {
			t.Errorf("module for %q has %d bytes", text, n)
		}
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range []string{"x", "a", "ab", "word "} {
			payload := `{"v":"` + strings.Repeat(unit, size/len(unit)) + `!"}`
			request, err := proto.Marshal(&pb.WASMRequest{InputPayload: []byte(payload)})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if _, err := i.CallRaw(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			took := time.Since(start)
			if took > longest {
				t.Errorf("%q takes %v for 64 KiB of %q", text, took, unit)
			}
			t.Logf("%-24s %-6q %6.2f ns/byte, module of %d bytes", text, unit, float64(took)/size, len(m.Bytes))
		}
	}
}
