package kernel

import (
	"regexp"
	"strings"
	"testing"
)

// patternRegexp is what a wildcard pattern means.
func patternRegexp(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("^(?s:")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		default:
			if c == '\\' && i+1 < len(pattern) {
				i++
			}
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	b.WriteString(")$")
	return regexp.MustCompile(b.String())
}

func FuzzLike(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"abc", "a*"}, {"abc", "*c"}, {"abc", "a?c"}, {"a*c", `a\*c`}, {"aaab", "*ab"}, {"mississippi", "m*iss*p?"}, {"a", `\`}, {`\`, `\\`}, {"ab", "**?**"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		for _, c := range text + pattern {
			if c >= 0x80 {
				return // regexps match characters, patterns bytes
			}
		}
		load(t, []byte("{}"))
		p, e := place(t, []byte(text))
		q, qe := place(t, []byte(pattern))
		if got, want := like(p, e, q, qe-q), patternRegexp(pattern).MatchString(text); got != want {
			t.Errorf("like(%q, %q) = %v, want %v", text, pattern, got, want)
		}
	})
}
