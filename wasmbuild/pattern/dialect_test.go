package pattern

import (
	"errors"
	"strings"
	"testing"
)

// compileBoth compiles a pattern in both forms, so that each is tested on each
// pattern. A form that is too large is nil.
func compileBoth(t testing.TB, text string, syntax Syntax) []*Program {
	t.Helper()
	p, err := Compile(text, syntax)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	programs := []*Program{p}
	if p.DFA != nil {
		if s := simulated(t, text, syntax); s != nil {
			programs = append(programs, s)
		}
	}
	return programs
}

// simulated compiles a pattern to a simulation; nil if it is too large for one.
func simulated(t testing.TB, text string, syntax Syntax) *Program {
	t.Helper()
	tree, err := parse(text, syntax)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	steps, err := layOut(tree)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	g, err := follow(steps)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	c, err := classify(g)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	s, err := simulate(g, c)
	if err != nil {
		return nil
	}
	return &Program{Classes: c.tables(nil), Sim: s}
}

func (p *Program) form() string {
	if p.DFA != nil {
		return "automaton"
	}
	return "simulation"
}

// dialectTest is a pattern with texts that it matches and texts that it does not;
// | is between them, ␀ stands for the empty text.
type dialectTest struct{ pattern, yes, no string }

func texts(list string) (all []string) {
	if list == "" {
		return nil
	}
	for _, s := range strings.Split(list, "|") {
		all = append(all, strings.ReplaceAll(s, "␀", ""))
	}
	return all
}

func (d dialectTest) run(t *testing.T, syntax Syntax) {
	t.Helper()
	for _, p := range compileBoth(t, d.pattern, syntax) {
		for _, s := range texts(d.yes) {
			if !p.Match(s) {
				t.Errorf("%s %q does not match %q", p.form(), d.pattern, s)
			}
		}
		for _, s := range texts(d.no) {
			if p.Match(s) {
				t.Errorf("%s %q matches %q", p.form(), d.pattern, s)
			}
		}
	}
}

func TestRust(t *testing.T) {
	t.Parallel()
	for _, d := range []dialectTest{
		// plain things
		{``, "␀|x|é", ""},
		{`a`, "a|xax", "␀|b|A"},
		{`a.c`, "abc|xaéc|a\x00c|a\rc", "ac|a\nc"},
		{`é+b`, "éb|xéééb", "b|e\u0301b"},
		{`日本|中`, "日本|x中", "日|本"},
		{`a|b|`, "␀|x", ""},
		{`()`, "␀|x", ""},
		{`ab|cd`, "xab|cdx", "ac|bd"},
		{`}]a`, "}]a", "a"},
		{`a-&~b`, "a-&~b", "ab"},

		// repetitions
		{`^a*$`, "␀|a|aaa", "ab"},
		{`^a+$`, "a|aaa", "␀|ba"},
		{`^a?b$`, "b|ab", "aab"},
		{`^a*?b+?c??$`, "b|aabbc", "a|bcc"},
		{`^a{2}$`, "aa", "a|aaa"},
		{`^a{2,}$`, "aa|aaaaa", "a"},
		{`^a{2,3}$`, "aa|aaa", "a|aaaa"},
		{`^a{ 2 , 3 }$`, "aa|aaa", "a|aaaa"},
		{`^a{0}b$`, "b", "ab"},
		{`^a++$`, "a|aa", "␀"},
		{`^a**b?+$`, "␀|aabb", "ba"},
		{`^(?:a{2}){3}$`, "aaaaaa", "aaaaa|aaaaaaa"},
		{`^(?:a?){3}$`, "␀|a|aaa", "aaaa"},
		{`^(?:a+){2}$`, "aa|aaa", "a"},
		{`^(?:a{2,3}){2}$`, "aaaa|aaaaa|aaaaaa", "aaa|aaaaaaa"},
		{`^(?:a|b{2})*$`, "␀|a|bb|abba", "b|abbb"},
		{`^(?:|a)+$`, "␀|a|aa", "b"},
		{`^*a`, "a|ba", "b"},
		{`(?:^a)?b`, "b|cb", "a"},
		{`(\b){3}a`, "a|b a", "ba"},

		// places
		{`^ab`, "ab|abc", "cab|\nab"},
		{`ab$`, "ab|cab", "abc|ab\n"},
		{`\Aab\z`, "ab", "xab|ab\n"},
		{`^$`, "␀", "a|\n"},
		{`(?m)^ab$`, "ab|x\nab|ab\nx|x\nab\ny", "xab|ab\r\n|x\rab"},
		{`(?mR)^ab$`, "ab|x\nab|x\rab|x\r\nab\r\ny|ab\ry", "xab"},
		{`(?mR)a$\r`, "a\r\n", "a\n\r"},
		{`(?mR)\r^`, "\ra|\r", "\r\n"},
		{`(?mR)\n^$`, "\n", "\na"},
		{`(?m)\Aab\z`, "ab", "x\nab"},
		{`a^b|a$b`, "", "ab|a\nb"},
		{`\bcat\b`, "cat|a cat.|cat-fish|(cat)", "concat|cats|_cat|écat|cat1|cat\u0301"},
		{`\Bcat\B`, "acats|écaté", "cat|a cat|cats"},
		{`\B`, "␀|aa|..", "a|é"},
		{`(?-u:\bcat\b)`, "cat|écat|cat\u0301", "acat"},
		{`\b{start}cat`, "cat|.cats", "acat|écat"},
		{`cat\b{end}`, "cat|acat.", "cats"},
		{`\b{start-half}.cat`, "acat| .cat", "abcat"},
		{`cat.\b{end-half}`, "cat.|cata", "catab"},
		{`\<cat\>`, "cat|a cat.", "cats|acat"},
		{`x\b{2}`, "x|x.", "xy"},
		{`\b日本\b`, "日本|a 日本.", "日本語"},
		{`(?:\b|x)\By`, "xy|.xy", "y|.y"},

		// classes
		{`^\d+$`, "1|٣٤|１", "a|²"},
		{`^\w+$`, "aé_1日\u0301\u200d", "a b|-|€"},
		{`^\s+$`, " \t\n\u00a0\u2003\u3000\u0085\v", "a|\u200b"},
		{`^\D\W\S$`, "a-b", "1-b|aab|a- "},
		{`^[\d\s]+$`, "1 ٣", "a"},
		{`^[^\w]$`, "-|€", "a|日"},
		{`(?-u)^\d\w\s$`, "1a ", "٣a |1é "},
		{`(?-u:[\D&&\w])`, "a", "1"},
		{`^[a-c]+$`, "abc", "abcd|-"},
		{`^[a-]+$`, "a-", "b"},
		{`^[-a]+$`, "a-", "b"},
		{`^[^-a]$`, "b", "a|-"},
		{`^[]a]$`, "]|a", "b"},
		{`^[^]a]$`, "b", "]|a"},
		{`^[a\]b]$`, "a|]", "\\"},
		{`^[a&b~c]$`, "a|&|~", "d"},
		{`^[a-z&&[^aeiou]]+$`, "bcd", "a|B"},
		{`^[a-z&&bcd&&c-e]$`, "c|d", "b|e"},
		{`^[0-9--4]+$`, "0123", "4"},
		{`^[0-9--[4-6]]+$`, "0123789", "5"},
		{`^[a-g~~b-h]+$`, "ah", "b|g"},
		{`^[^a-z&&[^b]]+$`, "bB", "a"},
		{`^[a-c[x-z]]+$`, "axz", "d"},
		{`^[\p{Greek}&&\pL]+$`, "αω", "a|ʹ"},
		{`[a&&]`, "", "a|b"},
		{`[^\x00-\x{10FFFF}]`, "", "a|␀"},
		{`^[[:alpha:][:digit:]]+$`, "aZ5", "é|_"},
		{`^[[:^alpha:]]$`, "5|é", "a"},
		{`^[[:nothing:]]$`, "n|:|g", "[|a"},
		{`^[+--]$`, "+", ",|-"},
		{`^[\[\]]+$`, "[]", "a"},

		// properties
		{`^\p{Greek}$`, "α|Ω", "a"},
		{`^\P{Greek}$`, "a", "α"},
		{`^\p{Script=Grek}\p{sc:Cyrl}$`, "αж", "αα"},
		{`^\p{sc!=Grek}$`, "a", "α"},
		{`^\pL\p{Lu}\p{Uppercase_Letter}\p{gc=Ll}$`, "éAÉz", "éaÉz"},
		{`^\p{is Greek}$`, "α", "a"},
		{`^\p{Alphabetic}\p{Lowercase}\p{White_Space}\p{ASCII}\p{Any}$`, "日ª\u2003a€", "日A\u2003a€"},
		{`^\p{Han}+$`, "日本語", "かな"},
		{`^[\p{Lu}\p{Nd}]+$`, "A1É٣", "a"},
		{`^\p{LC}$`, "a|ǅ", "日"},

		// flags
		{`(?i)hello`, "HeLLo", "hell"},
		{`(?i:a)b`, "Ab", "aB"},
		{`a(?i)b|c`, "aB|C", "Ab"},
		{`(a(?i)b)c`, "aBc", "aBC"},
		{`(?i)straße`, "STRAßE|straẞe", "strasse"},
		{`(?i)k`, "\u212a|K", "q"},
		{`(?i-u)k`, "K", "\u212a"},
		{`(?i)[a-c&&b-d]`, "B|c", "A|D"},
		{`(?i)^[^k]$`, "a", "K|\u212a"},
		{`(?i)\p{Lu}`, "a", "1"},
		{`(?i)σ`, "ς|Σ", "s"},
		{`(?s)a.b`, "a\nb", "ab"},
		{`(?s)(?-s:.)`, "a", "\n"},
		{`(?R).`, "a", "\n|\r"},
		{`(?x) a b # c`, "ab", "a b"},
		{"(?x) a + [ b # c\n ]  { 2 } \\  \\# ", "aabb #", "ab #"},
		{`(?U)a+?b`, "aab", "b"},
		{`(?ims-x:a)`, "A", "b"},
		{`(?P<y>\d{4})-(?<m>\d\d)`, "2024-05", "24-05"},
		{`(?<größe_1.a[0]>x)`, "x", "y"},

		// escapes
		{`^\.\*\?\+\|\(\)\[\]\{\}\^\$\\\#\&\-\~\/\"\'\%\ \,\:\=\@\_\!\;$`, "", "a"},
		{`\\\.`, `\.`, `\a`},
		{`^\a\f\t\n\r\v$`, "\a\f\t\n\r\v", "aftnrv"},
		{`^\x41\x{42}\u0043\u{44}\U00000045\U{46}\x{1F600}$`, "ABCDEF😀", "a"},
		{`^[\x41-\x{43}\n]+$`, "AB\nC", "D"},
		{`(?-u)\x41é`, "Aé", "é"},
	} {
		d.run(t, Rust)
	}
}

func TestECMA(t *testing.T) {
	t.Parallel()
	for _, d := range []dialectTest{
		{`^a*$`, "␀|aaa", "abc"},
		{`a+`, "xxaayy", "b"},
		{`^\d$`, "1", "٣"},
		{`^\D$`, "٣", "1"},
		{`^\w$`, "a|_", "é"},
		{`^\W$`, "é", "a"},
		{`^\s$`, " |\u00a0|\ufeff|\u2029|\u2003", "\u0001|\u2013"},
		{`^\S$`, "\u0001|\u2013", "\ufeff"},
		{`^abc$`, "abc", "abc\n"},
		{`^\t\n\v\f\r$`, "\t\n\v\f\r", "t"},
		{`^\cC\cc$`, "\x03\x03", `\cC`},
		{`^.$`, "a|é", "\n|\r|\u2028"},
		{`^[^]$`, "a|\n", "␀"},
		{`[]`, "", "a|␀"},
		{`^[\b]$`, "\b", "b"},
		{`^[a-c[]+$`, "ab[", "]"},
		{`^[a&&b]+$`, "a&b", "c"},
		{`^[\w-.]+$`, "a-.", "é"},
		{`^[.-\w]+$`, "a-.", "é"},
		{`^\u0041\x42\u{1F600}\uD83D\uDE00\0\/$`, "AB😀😀\x00/", "a"},
		{`^\p{Letter}+\p{Script=Greek}$`, "éα", "1α"},
		{`\bcat\b`, "écat|cat", "acat"},
		{`^a{2}{`, "aa{", "a"},
		{`^x{a}{$`, "x{a}{", "xa"},
		{`^{a$`, "{a", "a"},
		{`^(?<year>\d{4})(?:-)$`, "2024-", "24-"},
		{`^\-\.\$$`, "-.$", "a"},
	} {
		d.run(t, ECMA)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		pattern  string
		position int
		reason   string
	}{
		{`(`, 1, "not closed"},
		{`é((a)`, 2, "not closed"},
		{`ab)`, 3, "closes no group"},
		{`*a`, 1, "nothing to repeat"},
		{`a|+`, 3, "nothing to repeat"},
		{`(?i)*`, 5, "nothing to repeat"},
		{`(?)`, 2, "nothing to repeat"},
		{`{2}`, 1, "nothing to repeat"},
		{`a{`, 2, "needs numbers"},
		{`a{2`, 2, "not closed"},
		{`a{b}`, 2, "needs numbers"},
		{`a{,2}`, 2, "needs numbers"},
		{`a{3,2}`, 2, "exchange"},
		{`a{70000}`, 3, "65536"},
		{`a{99999999999999999999}`, 3, "65536"},
		{`[z-a]`, 2, "before its start"},
		{`[a`, 1, "not closed"},
		{`x[a[b]`, 2, "not closed"},
		{`[]`, 1, "not closed"},
		{`[a&&`, 1, "not closed"},
		{`[a-\d]`, 4, "ends with a character"},
		{`[\d-a]`, 2, "begins with a character"},
		{`[\b]`, 2, "within brackets"},
		{`(?=a)`, 1, "look-ahead"},
		{`(?!a)`, 1, "look-ahead"},
		{`a(?<=b)`, 2, "look-behind"},
		{`(?<!a)`, 1, "look-behind"},
		{`(a)\1`, 4, "back-references"},
		{`\0`, 1, "back-references"},
		{`(?P<n>a)(?P=n)`, 9, "back-references"},
		{`(?>a)`, 3, "is no flag"},
		{`(?z)`, 3, "is no flag"},
		{`(?ii)`, 4, "twice"},
		{`(?i--s)`, 5, "twice"},
		{`(?i-)`, 5, "must follow"},
		{`(?i`, 1, "not closed"},
		{`(?<1a>b)`, 4, "does not begin with a digit"},
		{`(?<>b)`, 4, "empty"},
		{`(?<a`, 4, "no end"},
		{`(?<a>b)(?<a>c)`, 11, `"a"`},
		{`a\`, 2, "ends in a backslash"},
		{`\h`, 1, `\h has no meaning`},
		{`\Z`, 1, `\Z has no meaning`},
		{`\é`, 1, `\é has no meaning`},
		{`\xZZ`, 3, "2 hex digits"},
		{`\x4`, 3, "2 hex digits"},
		{`\u{}`, 3, "4 hex digits"},
		{`\x{41`, 3, "hex digits"},
		{`\x{110000}`, 3, "10FFFF"},
		{`\u{D800}`, 3, "D800"},
		{`\p{Nothing}`, 1, "no Unicode property"},
		{`\p{sc=Nothing}`, 1, "no Unicode property"},
		{`\p{xx=Greek}`, 1, "no Unicode property"},
		{`\p{L`, 1, "no end"},
		{`\p`, 1, "no Unicode property"},
		{`\b{middle}`, 1, "word boundary is not known"},
		{`(?-u:.)`, 6, "Unicode switched off"},
		{`(?-u:\W)`, 6, "Unicode switched off"},
		{`(?-u:[^a])`, 6, "Unicode switched off"},
		{`(?-u:\xFF)`, 6, "Unicode switched off"},
		{`(?-u:\pL)`, 6, "Unicode switched off"},
		{"a\xff", 0, "UTF-8"},
		{strings.Repeat("(", 300), 251, "nest deeper"},
		{strings.Repeat("[", 300), 251, "nest deeper"},
		{strings.Repeat("a", MaxLength+1), 0, "32768"},
		{`((a{1,300}b){1,300}c){1,300}`, 0, "counted repetitions"},
	} {
		_, err := Compile(r.pattern, Rust)
		checkRefused(t, r.pattern, err, r.position, r.reason)
	}
	for _, r := range []struct {
		pattern  string
		position int
		reason   string
	}{
		{`\a`, 1, "no meaning"},
		{`a**`, 3, "cannot be repeated"},
		{`(?i)a`, 1, "kind of group"},
		{`(?<a>b)\k<a>`, 8, "back-references"},
		{`[b-a]`, 2, "before its start"},
		{`[a`, 1, "not closed"},
		{`\u12`, 3, "hex digits"},
		{`\uD83D00DC00`, 3, "D800"},
		{`\uD83D\u0041`, 3, "D800"},
		{`\uD83D\u`, 3, "D800"},
		{`^(?!a)`, 2, "look-ahead"},
	} {
		_, err := Compile(r.pattern, ECMA)
		checkRefused(t, r.pattern, err, r.position, r.reason)
	}
}

func checkRefused(t *testing.T, pattern string, err error, position int, reason string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%.80q gives error %v, want one about %q", pattern, err, reason)
		return
	}
	if e.Position != position || !strings.Contains(e.Error(), reason) {
		t.Errorf("%.80q: position %d, %q; want position %d, %q", pattern, e.Position, e, position, reason)
	}
}
