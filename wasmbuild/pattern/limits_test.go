package pattern

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
)

// hostile are patterns that blow up what is made of them, or try to.
func hostile() []string {
	var words, classes, optional, ideographs, nested strings.Builder
	for i := range 160 {
		fmt.Fprintf(&nested, `[\w--%c]x|`, 0x4e00+i)
	}
	for i := range 900 {
		fmt.Fprintf(&words, "word%dx%d|", i*7919%1000, i)
		fmt.Fprintf(&classes, `[\w--%c]`, 0x4e00+i)
		fmt.Fprintf(&ideographs, "%c%c|", 0x4e00+i, 0x5e00+i)
	}
	for i := range 2000 {
		fmt.Fprintf(&optional, "%c?", 'a'+i%26)
	}
	return []string{
		`(a|b)*a(a|b){20}`, `(a|b)*a(a|b){2000}`, `[ab]*a[ab]{12}`, `(.*a){30}(.*b){30}$`, `(a{1,100}){1,100}`, `((a{1,100}){1,100}){1,100}`,
		`(((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}){9}`, `(((((((((){9999}){9999}){9999}){9999}){9999}){9999}){9999}){9999}){9999}`,
		`((((((\b{9999}){9999}){9999}){9999}){9999}){9999}){9999}`, `((((((|\b){99}){99}){99}){99}){99}){99}`, `(a?){5000}a{5000}`, `(a?b?){3000}$`, `(\w+\s?){500}$`,
		`(\w{1,500}\s){1,50}x`, `(a*)*(b*)*(c*)*$`, `(x+x+)+y`, `((a+)+)+$`, `(a|aa)+$`, `(.{1,40}x){1,40}$`, `.{65536}`, `(?i)\p{L}{5000}$`, `(\pL|\pN|\pP){300}x{1,300}`,
		`\b(\w+)\b(\s+\b(\w+)\b){40}$`, `(^|$|\b|\B|a)*b{1,400}$`, strings.Repeat("(", 249) + "a" + strings.Repeat(")*", 249), strings.Repeat("(a|", 249) + strings.Repeat(")", 249) + "*",
		strings.Repeat("[", 249) + "a" + strings.Repeat("]", 249), strings.Repeat(`\w&&`, 10)[:10], "[" + strings.Repeat(`\w&&\W--`, 3000) + "a]", strings.Repeat(`(?i)\pL\PL`, 3000),
		strings.Repeat("a?", 16000), optional.String() + "x$", strings.TrimSuffix(words.String(), "|"), "(" + strings.TrimSuffix(words.String(), "|") + ")+$", classes.String(), strings.TrimSuffix(ideographs.String(), "|"), strings.Repeat(".*a", 5000), strings.Repeat("[^a]?b", 5000),
		strings.Repeat("a|", 16000), strings.Repeat("^", 30000), strings.Repeat("(?i)", 8000), strings.Repeat("(a*|b)?", 4000) + "$", "(" + strings.Repeat("a*b*c*", 4000) + ")*$",
		strings.Repeat("(", 249) + nested.String() + strings.Repeat("x)|y", 249), strings.Repeat(`\wa|`, 6000), strings.Repeat(`(?:\w\d)|`, 3000), strings.Repeat(`\b{`, 8000), "[" + strings.Repeat("[:", 16000),
		strings.Repeat("aaaaaaa", 2300) + "b|" + strings.Repeat("aaaaaaa", 2300) + "c", strings.Repeat("(ab|a", 249) + strings.Repeat(")", 249),
		"(?x)" + strings.Repeat(" #\n", 10000) + "a", strings.Repeat("[[:alpha:]", 200), strings.Repeat(`\x{10FFFF}`, 3000), "(" + strings.Repeat("(a|b)*a", 500) + ")*$",
	}
}

// TestHostile checks that no pattern takes long or much memory, be it compiled or
// refused, and that what was compiled runs in time that grows as the text does.
func TestHostile(t *testing.T) {
	const (
		longest = 10 * time.Second // on a machine that does much else; 100 ms are usual
		most    = 64 << 20         // bytes allocated in all, most of them soon free
	)
	text := strings.Repeat("ab", 2000) + strings.Repeat("a word, ", 500) + strings.Repeat("日é ", 500)
	for _, pattern := range hostile() {
		name := fmt.Sprintf("%.40q", pattern)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		p, err := Compile(pattern, Rust)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		used := after.TotalAlloc - before.TotalAlloc
		if took > longest || used > most {
			t.Errorf("%s takes %v and %d KiB to compile", name, took, used>>10)
		}
		if err != nil {
			t.Logf("%-42s %8v %6d KiB  refused: %v", name, took.Round(time.Microsecond), used>>10, err)
			continue
		}
		table := p.Table()
		start = time.Now()
		p.Match(text)
		t.Logf("%-42s %8v %6d KiB  %s of %d bytes, %d ns/byte in plain Go", name, took.Round(time.Microsecond), used>>10, p.form(), len(table), int(time.Since(start))/len(text))
		if len(table) > MaxTable+maxClassBytes {
			t.Errorf("%s has a table of %d bytes", name, len(table))
		}
		if p.Sim != nil {
			if work, _ := p.Sim.cost(); work > MaxSimWork || p.Sim.Size > MaxPositions/8 {
				t.Errorf("%s simulates %d registers of %d bytes", name, work, p.Sim.Size)
			}
		}
	}
}

// TestSizes publishes how large tables are for patterns as people write them.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`ORD-\d+`, `^\d{3}-\d{2}-\d{4}$`, `(?i)hello`, `\bcat\b`, `^\w+@\w+$`, `^[\w.+-]+@[\w-]+\.[\w.-]+$`, `(?i)\b(password|secret|token|api[_-]?key)\b`,
		`\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b`, `^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`, `AKIA[0-9A-Z]{16}`, `[A-Za-z0-9_-]{20,40}\.[A-Za-z0-9_-]{20,}\.`,
		`^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.|$)){4}`, `\p{Han}+`, `(?i)straße`, `^https?://[^\s/$.?#].[^\s]*$`,
	} {
		p, err := Compile(pattern, Rust)
		if err != nil {
			t.Fatal(err)
		}
		if p.DFA == nil {
			t.Errorf("%q is not an automaton", pattern)
			continue
		}
		n := len(p.Table())
		t.Logf("%6d bytes, %4d rows of %2d  %s", n, len(p.DFA.Rows)/p.Classes.Count, p.Classes.Count, pattern)
		if n > 12<<10 {
			t.Errorf("%q has a table of %d bytes, want 12 KiB at most", pattern, n)
		}
	}
}

// TestCharacters looks up every character, and bytes that belong to none.
func TestCharacters(t *testing.T) {
	t.Parallel()
	p, err := Compile(`^\w$`, Rust)
	if err != nil {
		t.Fatal(err)
	}
	is := func(c rune) bool {
		return unicode.In(c, unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc, unicode.Join_Control)
	}
	for c := range rune(unicode.MaxRune + 1) {
		if c >= 0xd800 && c < 0xe000 {
			continue
		}
		if got := p.Match(string(c)); got != is(c) {
			t.Errorf("%U is a word character: %v, want %v", c, got, is(c))
		}
	}
	for _, d := range []dialectTest{
		{`^\x{FFFD}$`, "\xff|\x80|\xc3|\xe4\xb8"[:1], "\xe4\xb8\xad"},
		{`^\x{FFFD}{2}$`, "\xe4\xb8|\xf0\x9f|\xff\xff", "\xe4"},
		{`^\x{FFFD}a$`, "\xc3a|\xf8a", "\xc3\xa9a"},
		{`^a\b`, "a\xe4\xb8", "a\xe4\xb8\xad"},
	} {
		d.run(t, Rust)
	}
}

// TestManyClasses has more leaves than a byte can number.
func TestManyClasses(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for c := rune(0x4e00); c < 0x9e00; c += 37 {
		fmt.Fprintf(&b, "%c", c)
	}
	p, err := Compile("^["+b.String()+"]$", Rust)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Classes.Leaves)>>leafBits < 17 || p.Table()[4] != 1 {
		t.Errorf("there are %d leaves, numbered by %d bytes", len(p.Classes.Leaves)>>leafBits, p.Table()[4])
	}
	for c := rune(0x4e00); c < 0x9e00; c++ {
		if got, want := p.Match(string(c)), (c-0x4e00)%37 == 0; got != want {
			t.Errorf("%U matches: %v, want %v", c, got, want)
		}
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for code, name := range scriptNames() {
		if s, ok := property("sc=" + code); !ok || len(s) == 0 {
			t.Errorf("script %s, which is %s, is not known", code, name)
		}
	}
	for _, tables := range []map[string]*unicode.RangeTable{unicode.Categories, unicode.Scripts, unicode.Properties} {
		for name := range tables {
			if s, ok := property(name); !ok || len(s) == 0 {
				t.Errorf("property %s is not known", name)
			}
		}
	}
	for _, name := range []string{"any", "assigned", "ascii", "alphabetic", "Lower case", "IS_UPPERCASE", "cased", "math", "id-start", "idc", "wspace", "hex", "ahex", "ideo", "gc:punct"} {
		if s, ok := property(name); !ok || len(s) == 0 {
			t.Errorf("property %s is not known", name)
		}
	}
}

func TestLiteral(t *testing.T) {
	t.Parallel()
	for _, l := range []struct {
		pattern, text string
		only          bool
	}{
		{``, "", true},
		{`abc`, "abc", true},
		{`(a)b(?:cd)`, "abcd", true},
		{`ORD-\d+`, "ORD-", false},
		{`\d+-(?:foo)bar\d-`, "-foobar", false},
		{`\d+-foo`, "-foo", false},
		{`^abc`, "abc", false},
		{`ab\bcd`, "abcd", false},
		{`a{3}b`, "aaab", true},
		{`a{3,}b`, "aaa", false},
		{`(?:ab)+c`, "ab", false},
		{`a?b`, "b", false},
		{`a*`, "", false},
		{`ab|cd`, "", false},
		{`(?i)ab1`, "1", false},
		{`(?i)日本`, "日本", true},
		{`[x]y`, "xy", true},
		{`a{300}`, "a", false},
		{`ab\x{FFFD}c`, "ab", false},
	} {
		p, err := Compile(l.pattern, Rust)
		if err != nil {
			t.Fatal(err)
		}
		if p.Literal != l.text || p.IsLiteral != l.only {
			t.Errorf("%q has literal %q, only that: %v; want %q, %v", l.pattern, p.Literal, p.IsLiteral, l.text, l.only)
		}
	}
}
