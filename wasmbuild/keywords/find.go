package keywords

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// minInside is how long a name must be to count wherever it occurs within another.
const minInside = 5

// Index stands for an array's elements among a member's parents.
const Index = "#"

// Find returns the entity of the member called name that lies in parents, the
// outermost first, and "" if it is none. With thorough it also looks for keywords
// within names and at the end of paths. Of several keywords that fit, paths go
// before names, whole names before parts of them, then the longest counts, then
// the first by alphabet.
func Find(parents []string, name string, thorough bool) string {
	all := list()
	path := joined(parents, name)
	paths := func(fits func(text string) bool) string {
		return best(all, func(k Keyword) []string {
			if k.IsPath() && fits(k.Text) {
				return []string{k.Text}
			}
			return nil
		})
	}
	names := func(fits func(text string) bool) string {
		return best(all, func(k Keyword) []string {
			if k.IsPath() {
				return nil
			}
			return slices.DeleteFunc(k.forms(), func(text string) bool { return !fits(text) })
		})
	}
	whole := strings.TrimLeft(path, ".")
	tries := []func() string{
		func() string { return paths(func(s string) bool { return s == whole }) },
		func() string { return names(func(s string) bool { return s == stripped(name) }) },
		func() string { return names(func(s string) bool { return s == lower(name) }) },
	}
	if thorough {
		tries[0] = func() string { return paths(func(s string) bool { return strings.HasSuffix("."+path, "."+s) }) }
		tries = append(tries,
			func() string {
				return names(func(s string) bool { return len(s) >= minInside && strings.Contains(path, s) })
			},
			func() string { return paths(func(s string) bool { return strings.HasSuffix(path, s) }) })
	}
	for _, try := range tries {
		if entity := try(); entity != "" {
			return entity
		}
	}
	return ""
}

// joined is the path by which keywords are looked for.
func joined(parents []string, name string) string {
	if len(parents) == 0 {
		return lower(unnamed(name))
	}
	var b strings.Builder
	for _, p := range parents {
		b.WriteString(lower(unnamed(p)) + ".")
	}
	return b.String() + withoutDigits(lower(unnamed(name)))
}

// unnamed is what a member without a name is called in paths.
func unnamed(name string) string {
	if name == "" {
		return Index
	}
	return name
}

// lower folds case as far as it makes a difference to ASCII keywords.
func lower(name string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c < 0x80:
			return unicode.ToLower(c)
		case c == '\u212a': // the Kelvin sign
			return 'k'
		}
		return c
	}, name)
}

func withoutDigits(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.N, c) {
			return -1
		}
		return c
	}, name)
}

// stripped is a name without what makes no difference: case, digits, underscores.
func stripped(name string) string {
	return strings.ReplaceAll(withoutDigits(lower(name)), "_", "")
}

// best is the entity of the keyword with the longest text of those that fit.
func best(list []Keyword, fitting func(Keyword) []string) string {
	var found []Keyword
	for _, k := range list {
		for _, text := range fitting(k) {
			found = append(found, Keyword{text, k.Entity})
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.MinFunc(found, byRank).Entity
}

// byRank puts the longest first, then those first in the alphabet.
func byRank(a, b Keyword) int {
	return cmp.Or(cmp.Compare(len(b.Text), len(a.Text)), strings.Compare(a.Text, b.Text))
}
