package wasmbuild

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// urlSeeds are texts around every rule of the URL Standard.
var urlSeeds = []string{
	"http://a", "https://shop.example/cart?id=4#top", "x:", "a:b", `c:\temp`, "http:noslash", `http:\\\a`, "http://", "http://?", "http://:80", "http://h:port", "http://h:65535", "http://h:65536",
	"http://h:00080/", "http://h:", "http://u:p@h:8080/p", "http://@h", "http://u@", "http://u@/x", "http://a@b@c", "http://[::1]/", "http://[::1", "http://[::1]x", "http://[::1]:80", "http://[]",
	"x://[::1]:", "x://[1]", "x://", "x:///p", "x://@", "x://u@/p", "x://:80", "x://h:80/", "x://a b", "x://a%zzb", `x://a\b`, "file:", "file:x", "file://", "file:///C:/x", "file://C|/x", "file://C:x",
	"file://h/x", "file://a b/x", `file:\\h\x`, "ftp://files.example.net/x", "ws:h", "WSS://H", "httpx://", "1http://h", ":x", "/p", "", "ht\ttp://a\n", " http://a ", "http://a\tb", "\u00a0http://a",
	"http://exa mple", "http://a<b", "http://%zz", "http://%41", "http://%4", "http://%c3%bc", "http://%ff", "http://%00", "http://%2f", "http://bücher.example", "http://xn--bcher-kva.example",
	"http://xn--", "http://xn--a-.x", "http://a.xn--ü", "http://a_b", "http://-a-", "http://a..b", "http://.", "http://..", "http://\u00ad", "http://a\u00adb", "http://\uff21\uff0e\uff22", "http://\uff05\uff14\uff11",
	"http://\uff11.2.3.256", "http://1.2.3.4", "http://1.2.3.4.", "http://1.2.3.4..", "http://1.2.3.4.5", "http://256", "http://4294967295", "http://4294967296", "http://1.16777216", "http://1.2.65535",
	"http://0x7f.1", "http://0x", "http://0xg", "http://a.0x", "http://1.08", "http://08.1", "http://1.2.3.09", "http://0.0.0.0x100", "http://foo.2", "http://2.foo", "http://1..2", "http://１２７\u30020\uff610.1",
	"data:text/plain,hi", "mailto:a@b.c", "http://h/ sp ace", `http://"{}` + "`", "http://é", "http://h^", "http://h|",
}

// edited changes s in a few places. Punycode stays as it is: edits would make it
// mean characters that only full Unicode tables can judge.
func (f format) edited(random *rand.Rand, s string) string {
	if strings.Contains(s, "xn--") {
		return s
	}
	runes, alphabet := []rune(s), []rune(f.alphabet)
	for range random.IntN(3) {
		at, c := random.IntN(len(runes)+1), alphabet[random.IntN(len(alphabet))]
		switch n := random.IntN(3); {
		case n == 0 || at == len(runes):
			runes = append(runes[:at:at], append([]rune{c}, runes[at:]...)...)
		case n == 1:
			runes[at] = c
		default:
			runes = append(runes[:at:at], runes[at+1:]...)
		}
	}
	return string(runes)
}

// document is a payload with edited seeds as values at "a", in lists, below keys that look like values.
func (f format) document(random *rand.Rand) []byte {
	w := &documentWriter{random: random}
	text := func() { w.text(f.edited(random, pick(random, f.seeds))) }
	list := func() {
		w.list('[', ']', func() {
			if n := f.edited(random, "1941009327"); random.IntN(3) == 0 && digitsOnly.MatchString(n) && n[0] != '0' {
				w.b.WriteString(n)
				return
			}
			text()
		})
	}
	w.b.WriteString(`{"a":`)
	text()
	w.space()
	w.b.WriteString(`,"list":`)
	list()
	w.b.WriteByte(',')
	text()
	w.b.WriteString(`:{"k":`)
	list()
	w.b.WriteString(`,"n":null,"t":true,"d":12.75}}`)
	return []byte(w.b.String())
}

// TestFormats compares each type with its definition: at a path, in arrays and
// over whole payloads, negated or not, compiled and as plain Go.
func TestFormats(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 5))
	b, engine := newBuilder(t), newRunner(t, runner.Options{})
	for _, f := range formats {
		paths := newTwin(t, b, engine, &steps.DetectiveStep{Type: f.typ, Path: proto.String("a")})
		for _, seed := range f.seeds {
			w := &documentWriter{random: random}
			w.b.WriteString(`{"a":`)
			w.text(seed)
			paths.check(t, []byte(w.b.String()+"}"))
		}
		for _, d := range []*steps.DetectiveStep{
			{Type: f.typ}, {Type: f.typ, Negate: proto.Bool(true)}, {Type: f.typ, Path: proto.String("list")}, {Type: f.typ, Path: proto.String("a"), Negate: proto.Bool(true)},
		} {
			w := newTwin(t, b, engine, d)
			for range 120 {
				w.check(t, f.document(random))
			}
		}
		for range 250 {
			paths.check(t, f.document(random))
		}
	}
}

// TestFormatSizes holds the modules to their size: only the URL Standard takes more.
func TestFormatSizes(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, f := range formats {
		limit := maxSize
		if f.typ == steps.DetectiveType_DETECTIVE_TYPE_URL {
			limit = 2 * maxSize
		}
		for _, path := range []string{"a", ""} {
			if m := build(t, b, detective(f.typ, path)); len(m.Bytes) > limit {
				t.Errorf("%s at path %q: module has %d bytes, more than %d", f.typ, path, len(m.Bytes), limit)
			}
		}
	}
}

// FuzzFormats compares any text with each type's definition.
func FuzzFormats(f *testing.F) {
	for i, format := range formats {
		for _, seed := range format.seeds {
			f.Add(seed, uint8(i))
		}
	}
	b, engine := newBuilder(f), newRunner(f, runner.Options{})
	var twins []*twin
	for _, format := range formats {
		twins = append(twins, newTwin(f, b, engine, &steps.DetectiveStep{Type: format.typ}))
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		if !utf8.ValidString(text) {
			return
		}
		w := &documentWriter{random: rand.New(rand.NewPCG(0, uint64(which)))}
		w.text(text)
		i := int(which) % len(formats)
		if formats[i].typ == steps.DetectiveType_DETECTIVE_TYPE_URL && strings.ContainsFunc(text, notJudged) {
			return
		}
		twins[i].check(t, []byte(w.b.String()))
	})
}

// notJudged says whether a character in a domain is judged by rules which a
// module does not know: those for text from right to left, marks, joiners,
// letters that stand for several, and what Unicode assigns later. Percent signs
// and hyphens can hide such characters.
func notJudged(r rune) bool {
	return r > 0xff && (r < 0xff00 || r > 0xff60) || r == '%' || r == '-'
}

// acceptedLater are refused by x/net/idna before Go 1.27, which knows Unicode 15.
var acceptedLater = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x4c0, 0x4c0, 1},
		{0x10a0, 0x10c5, 1},
		{0x115f, 0x1160, 1},
		{0x17b4, 0x17b5, 1},
		{0x1806, 0x180e, 8},
		{0x2061, 0x2063, 1},
		{0x206a, 0x206f, 1},
		{0x2132, 0x2132, 1},
		{0x2183, 0x2183, 1},
		{0x3164, 0x3164, 1},
		{0xffa0, 0xffa0, 1},
	},
	R32: []unicode.Range32{
		{0x1d173, 0x1d17a, 1}, {0x2f868, 0x2f868, 1}, {0x2f874, 0x2f874, 1}, {0x2f91f, 0x2f91f, 1}, {0x2f95f, 0x2f95f, 1}, {0x2f9bf, 0x2f9bf, 1},
	},
}

// TestURLCharacters holds each assigned character against x/net/idna: whether a
// domain may contain it.
func TestURLCharacters(t *testing.T) {
	t.Parallel()
	i, err := newRunner(t, runner.Options{}).Load(t.Context(), build(t, newBuilder(t), detective(steps.DetectiveType_DETECTIVE_TYPE_URL, "")).Bytes, entryName)
	if err != nil {
		t.Fatal(err)
	}
	assigned := []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Noncharacter_Code_Point}
	const chunk = 4096
	var list []string
	want := map[string]bool{}
	flush := func() {
		r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: []byte("[" + strings.Join(list, ",") + "]")})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.GetInterStepResult().GetDetectiveResult().GetMatches() {
			if !want[string(m.GetValue())] {
				t.Errorf("%+q is taken for a URL", m.GetValue())
			}
			delete(want, string(m.GetValue()))
		}
		for text, is := range want {
			if is {
				t.Errorf("%+q is not taken for a URL", text)
			}
		}
		list = list[:0]
		clear(want)
	}
	const samePrivate = 0xf0100 // from here on all are for private use
	for c := rune(0x80); c < samePrivate; c++ {
		if !unicode.In(c, assigned...) || unicode.Is(acceptedLater, c) {
			continue
		}
		url := fmt.Sprintf("http://a%cb", c)
		list = append(list, `"`+url+`"`)
		want[url] = validURL(url)
		if len(list) == chunk {
			flush()
		}
	}
	flush()
}
