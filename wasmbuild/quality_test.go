package wasmbuild

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// updateDocs writes docs/detectors.md anew.
var updateDocs = flag.Bool("update-detectors", false, "write docs/detectors.md")

const (
	validPerType    = 1000 // values that a type's own generator makes
	everydayPerKind = 250
	minRecall       = 0.98
	maxFalse        = 0.01
	// maxNear is how many values with one character changed a checksum may let
	// pass: those whose check digits do not tell all values of a digit apart.
	maxNear = 0.12
)

// quality is what was measured of a detector.
type quality struct {
	samples, recall int
	near, nearHits  int
	falseHits       int
	falseKinds      map[string]int
}

// TestDetectorQuality measures each detector of personal data: how many valid
// values it finds, and how many everyday ones it takes for such. The result is
// docs/detectors.md: go test -run DetectorQuality -update-detectors.
func TestDetectorQuality(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	samples := readSamples(t)
	values, kinds := everydayValues(t)
	results := map[string]quality{}
	for _, sheet := range sheets {
		m := build(t, b, detective(sheet.kind(t), ""))
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		q := sheet.measure(t, i, samples[sheet.name])
		q.falseKinds = map[string]int{}
		for _, at := range hits(t, i, values) {
			q.falseHits++
			q.falseKinds[kinds[at]]++
		}
		results[sheet.name] = q
		t.Logf("%-28s recall %.4f of %4d, near misses %.3f, false %.4f %v", sheet.name, q.rate(q.recall, q.samples), q.samples, q.rate(q.nearHits, q.near), q.rate(q.falseHits, len(values)), q.falseKinds)
		sheet.check(t, q, len(values))
	}
	checkAny(t, b, engine, values, samples)
	got := detectorsDoc(results, len(values))
	const file = "../docs/detectors.md"
	if *updateDocs {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%s is not what was measured (%v); run: go test ./wasmbuild -run DetectorQuality -update-detectors", file, err)
	}
}

func (q quality) rate(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// readSamples reads the samples of an independent library by type.
func readSamples(t testing.TB) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/quality/samples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	byType := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		byType[f[0]] = append(byType[f[0]], f[2])
	}
	return byType
}

// everydayValues are values that are no personal data, and what kind each is of.
func everydayValues(t testing.TB) (values, kinds []string) {
	t.Helper()
	c := newCorpus(t, 42)
	for _, kind := range slices.Sorted(maps.Keys(everyday)) {
		for range everydayPerKind {
			values, kinds = append(values, everyday[kind](c)), append(kinds, kind)
		}
	}
	return values, kinds
}

// hits runs a scan over an array of values and returns the indexes of those that match.
func hits(t testing.TB, i *runner.Instance, values []string) []int {
	t.Helper()
	r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte("[" + strings.Join(values, ",") + "]")})
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, m := range matchesOf(r) {
		n, err := strconv.Atoi(m.GetPath())
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, n)
	}
	return at
}

// validValues are the type's valid values: an independent library's and those of its own generator.
func (s sheet) validValues(t testing.TB, samples []string) []string {
	t.Helper()
	c := newCorpus(t, 7)
	values := slices.Clone(samples)
	if make := valid[s.name]; make != nil {
		for range validPerType {
			values = append(values, make(c))
		}
	}
	return values
}

func (s sheet) kind(t testing.TB) steps.DetectiveType {
	t.Helper()
	n, ok := steps.DetectiveType_value["DETECTIVE_TYPE_"+s.name]
	if !ok {
		t.Fatalf("no type %s", s.name)
	}
	return steps.DetectiveType(n)
}

// measure runs the detector on valid values, and on each with one digit or letter changed.
func (s sheet) measure(t testing.TB, i *runner.Instance, samples []string) quality {
	t.Helper()
	var q quality
	c := newCorpus(t, 99)
	plain := s.validValues(t, samples)
	var good, near []string
	for _, v := range plain {
		good = append(good, literal(v))
		near = append(near, literal(misspelt(c, v)))
	}
	found := hits(t, i, good)
	q.samples, q.recall = len(good), len(found)
	seen := map[int]bool{}
	for _, at := range found {
		seen[at] = true
	}
	missed := 0
	for at, v := range plain {
		if !seen[at] && missed < 5 {
			missed++
			t.Logf("%s does not find %q", s.name, v)
		}
	}
	q.near, q.nearHits = len(near), len(hits(t, i, near))
	return q
}

// changed replaces one digit by another one, or a letter if there is no digit.
func misspelt(c *corpus, s string) string {
	var places []int
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			places = append(places, i)
		}
	}
	if len(places) == 0 {
		return s + "!"
	}
	b, at := []byte(s), places[c.IntN(len(places))]
	b[at] = '0' + (b[at]-'0'+byte(1+c.IntN(9)))%10
	return string(b)
}

// check holds the promises.
func (s sheet) check(t *testing.T, q quality, values int) {
	t.Helper()
	if q.samples == 0 || q.rate(q.recall, q.samples) < minRecall {
		t.Errorf("%s finds %d of %d valid values", s.name, q.recall, q.samples)
	}
	if !s.loose && q.rate(q.falseHits, values) > maxFalse {
		t.Errorf("%s takes %d of %d everyday values for one: %v", s.name, q.falseHits, values, q.falseKinds)
	}
	if s.checksum && q.rate(q.nearHits, q.near) > maxNear {
		t.Errorf("%s takes %d of %d changed values for valid", s.name, q.nearHits, q.near)
	}
	if s.inAny() == s.loose {
		t.Errorf("%s: PII_ANY has the types that are precise, and no others", s.name)
	}
}

// checkAny holds that PII_ANY is all the precise types together, neither more nor less.
func checkAny(t *testing.T, b *Builder, engine *runner.Runtime, values []string, samples map[string][]string) {
	t.Helper()
	all := slices.Clone(values)
	c := newCorpus(t, 5)
	for _, s := range sheets {
		for i, v := range s.validValues(t, samples[s.name]) {
			if i%4 == 0 {
				all = append(all, literal(v), literal(misspelt(c, v)), literal(" "+v+"\t"), literal("\u00a0"+v), literal(v+" "+c.word()))
			}
		}
	}
	want := map[int]string{}
	var got []int
	for _, s := range append([]sheet{{name: "PII_ANY"}}, sheets...) {
		if s.loose {
			continue
		}
		m := build(t, b, detective(s.kind(t), ""))
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		if s.name == "PII_ANY" {
			got = hits(t, i, all)
			continue
		}
		for _, at := range hits(t, i, all) {
			want[at] = s.name
		}
	}
	for _, at := range got {
		if want[at] == "" {
			t.Errorf("PII_ANY finds %s, which no other type does", all[at])
		}
		delete(want, at)
	}
	shown := 0
	for at, name := range want {
		if shown++; shown < 20 {
			t.Errorf("PII_ANY does not find %s, which is %s", all[at], name)
		}
	}
}

// TestMisspeltKeepsLength pins what near misses are.
func TestMisspeltKeepsLength(t *testing.T) {
	t.Parallel()
	c := newCorpus(t, 1)
	for _, s := range []string{"4111", "a1b", "x-9"} {
		if got := misspelt(c, s); len(got) != len(s) || got == s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
