package pattern

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// writer writes random patterns in the part of the dialects that Rust and Go
// share, but for the names that Rust has for Go's classes of ASCII.
type writer struct {
	random    *rand.Rand
	rust, go_ strings.Builder
	counts    bool // a counted repetition is open: Go nests them to 1000 only
}

func (w *writer) put(s string) { w.both(s, s) }

func (w *writer) both(rust, go_ string) {
	w.rust.WriteString(rust)
	w.go_.WriteString(go_)
}

func (w *writer) pick(list ...string) string { return list[w.random.IntN(len(list))] }

func (w *writer) pattern(depth int) {
	for i := range 1 + w.random.IntN(3) {
		if i > 0 {
			w.put("|")
		}
		for range w.random.IntN(4) {
			w.repeated(depth)
		}
	}
}

func (w *writer) repeated(depth int) {
	counts := w.counts
	repetition := w.pick("", "", "", "", "*", "+", "?", "*?", "{2}", "{0,2}", "{1,}", "{2,3}?")
	if strings.HasPrefix(repetition, "{") {
		if counts {
			repetition = "*"
		}
		w.counts = true
	}
	if repetition == "" {
		w.atom(depth)
	} else {
		w.put("(?:")
		w.atom(depth)
		w.put(")" + repetition)
	}
	w.counts = counts
}

func (w *writer) atom(depth int) {
	switch n := w.random.IntN(12); {
	case n < 3 && depth > 0:
		w.put(w.pick("(", "(?:", "(?i:", "(?s:", "(?m:"))
		w.pattern(depth - 1)
		w.put(")")
	case n < 4:
		w.put(w.pick("^", "$", `\A`, `\z`))
	case n < 5:
		s := w.pick(`\b`, `\B`)
		w.both("(?-u:"+s+")", s)
	case n < 6:
		s := w.pick(`\d`, `\w`, `\s`)
		w.both("(?-u:"+s+")", s)
	case n < 7:
		w.put(w.pick(`\pL`, `\p{Greek}`, `\PL`, ".", `[^a]`, `[^\n]`, `[a-cα-ω]`, `[[:alpha:]-]`, `[^[:^digit:]]`))
	default:
		w.put(w.pick("a", "b", "A", "-", "é", "日", "😀", "k", "\u212a", `\n`, "1", "ab", "ß", `\x{3B1}`))
	}
}

// randomText is made of characters that random patterns have.
func randomText(random *rand.Rand) string {
	var b strings.Builder
	for range random.IntN(12) {
		b.WriteString([]string{"a", "b", "A", "-", "é", "日", "😀", "k", "K", "\u212a", "\n", "1", " ", "α", "Ω", "_", "ß", "aab"}[random.IntN(18)])
	}
	return b.String()
}

// randomPattern returns a pattern for us and the same one for Go.
func randomPattern(random *rand.Rand) (rust string, also *regexp.Regexp) {
	for {
		w := &writer{random: random}
		w.pattern(3)
		rust = w.rust.String()
		// Go bounds what counted repetitions multiply to
		if re, err := regexp.Compile(w.go_.String()); err == nil {
			return rust, re
		}
	}
}

// TestAgainstGo compares both forms with Go's regexp on random patterns and texts.
func TestAgainstGo(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 5))
	for range 3000 {
		rust, re := randomPattern(random)
		programs := compileBoth(t, rust, Rust)
		for range 12 {
			text := randomText(random)
			want := re.MatchString(text)
			for _, p := range programs {
				if got := p.Match(text); got != want {
					t.Fatalf("%s of %q on %q: got %v, want %v", p.form(), rust, text, got, want)
				}
				if l := p.Literal; want && !strings.Contains(text, l) || p.IsLiteral && want != strings.Contains(text, l) {
					t.Fatalf("%q matches %q: %v; but literal is %q, only that: %v", rust, text, want, l, p.IsLiteral)
				}
			}
		}
	}
}

// TestMinimal checks that no two rows and no two columns of automata are alike.
func TestMinimal(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 9))
	for range 500 {
		text, _ := randomPattern(random)
		p, err := Compile(text, Rust)
		if err != nil {
			t.Fatal(err)
		}
		if p.DFA == nil {
			continue
		}
		rows := slices.Collect(slices.Chunk(p.DFA.Rows[2:], p.Classes.Count))
		if n := distinctRows(rows); n != len(rows) && len(rows) > 1 {
			t.Errorf("%q has %d rows of which %d are distinct", text, len(rows), n)
		}
		columns := map[string]bool{}
		for class := 1; class < p.Classes.Count; class++ {
			var column []uint16
			for _, row := range rows {
				column = append(column, row[class])
			}
			columns[fmt.Sprint(column)] = true
		}
		if len(columns) != p.Classes.Count-1 {
			t.Errorf("%q has %d columns of which %d are distinct", text, p.Classes.Count-1, len(columns))
		}
	}
}

// distinctRows counts the rows that read different texts, by refining from one
// block on for as long as there is a difference.
func distinctRows(rows [][]uint16) int {
	width := len(rows[0])
	block := make([]int, len(rows))
	for count := 0; ; {
		known := map[string]int{}
		next := make([]int, len(rows))
		for i, row := range rows {
			key := make([]int, 0, width)
			for _, e := range row {
				if e > EntryMatch {
					e = uint16(block[(int(e)-2)/width] + 2)
				}
				key = append(key, int(e))
			}
			k := fmt.Sprint(block[i], key)
			if _, ok := known[k]; !ok {
				known[k] = len(known)
			}
			next[i] = known[k]
		}
		if len(known) == count {
			return count
		}
		count, block = len(known), next
	}
}

func TestDeterministic(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		text, _ := randomPattern(random)
		first := compileBoth(t, text, Rust)
		for i, p := range compileBoth(t, text, Rust) {
			if string(p.Table()) != string(first[i].Table()) {
				t.Fatalf("%q compiles to two tables", text)
			}
		}
	}
}

// FuzzParse feeds any pattern: it is refused, or both forms agree about any text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`^(?i)[\w&&[^a-f]--x]{2,5}\b{start}$`, `(?x) a # b`, `\p{Greek}|\x{41}|(?P<n>a+?)`, `[[:alpha:]~~b-d]`, `((a{1,20}){1,20}){1,20}`, `(?-u:\b)`, `a**`, `[^]`, `\cA`,
	} {
		f.Add(seed, "aα 1", true)
		f.Add(seed, "\xffx", false)
	}
	f.Fuzz(func(t *testing.T, text, on string, ecma bool) {
		syntax := Rust
		if ecma {
			syntax = ECMA
		}
		p, err := Compile(text, syntax)
		if err != nil {
			if e := new(Error); !errors.As(err, &e) || e.Position < 0 || e.Position > len(text)+1 || e.Reason == "" {
				t.Fatalf("%q is refused at %d because %q", text, e.Position, e.Reason)
			}
			return
		}
		if n := len(p.Table()); n > MaxTable+maxClassBytes {
			t.Fatalf("%q has a table of %d bytes", text, n)
		}
		got := p.Match(on)
		if p.IsLiteral && got != strings.Contains(on, p.Literal) || got && !strings.Contains(on, p.Literal) {
			t.Fatalf("%q on %q: %v, but literal is %q", text, on, got, p.Literal)
		}
		if p.DFA == nil {
			return
		}
		if s := simulated(t, text, syntax); s != nil && s.Match(on) != got {
			t.Fatalf("%q on %q: automaton %v, simulation %v", text, on, got, !got)
		}
	})
}

// maxClassBytes is what classes take at most: see Classes.
const maxClassBytes = charLimit + 2*charLimit>>leafBits
