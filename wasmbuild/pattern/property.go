package pattern

import (
	"strings"
	"sync"
	"unicode"
)

// The sets of ASCII that have a letter.
var (
	asciiDigit = set{{'0', '9'}}
	asciiSpace = set{{'\t', '\r'}, {' ', ' '}}
	asciiWord  = set{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	ecmaSpace  = set{
		{'\t', '\r'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029},
		{0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
	}
)

// The sets of Unicode that have a letter, as UTS 18 defines them.
var (
	digit = sync.OnceValue(func() set { return setOfTable(unicode.Nd) })
	space = sync.OnceValue(func() set { return setOfTable(unicode.White_Space) })
	word  = sync.OnceValue(func() set {
		return alphabetic().union(setOfTable(unicode.M), digit(), setOfTable(unicode.Pc), setOfTable(unicode.Join_Control))
	})
	alphabetic = sync.OnceValue(func() set {
		return setOfTable(unicode.L).union(setOfTable(unicode.Nl), setOfTable(unicode.Other_Alphabetic))
	})
)

// posix are the classes that are written [:name:] within brackets.
var posix = map[string]set{
	"alnum":  {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}},
	"alpha":  {{'A', 'Z'}, {'a', 'z'}},
	"ascii":  {{0, 0x7f}},
	"blank":  {{'\t', '\t'}, {' ', ' '}},
	"cntrl":  {{0, 0x1f}, {0x7f, 0x7f}},
	"digit":  asciiDigit,
	"graph":  {{'!', '~'}},
	"lower":  {{'a', 'z'}},
	"print":  {{' ', '~'}},
	"punct":  {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}},
	"space":  asciiSpace,
	"upper":  {{'A', 'Z'}},
	"word":   asciiWord,
	"xdigit": {{'0', '9'}, {'A', 'F'}, {'a', 'f'}},
}

// property is the set of a Unicode property: a general category or a script, by
// long or short name, or a property that is true or false. Case, blanks, - and _
// do not count.
func property(name string) (set, bool) {
	if key, value, ok := strings.Cut(name, "!="); ok {
		s, ok := property(key + "=" + value)
		return s.negate(), ok
	}
	i := strings.IndexAny(name, "=:")
	if i < 0 {
		return anyProperty(plainName(name))
	}
	value := plainName(name[i+1:])
	switch plainName(name[:i]) {
	case "generalcategory", "gc":
		return category(value)
	case "script", "sc":
		return script(value)
	}
	return nil, false
}

func anyProperty(name string) (set, bool) {
	for _, find := range []func(string) (set, bool){category, script, truth} {
		for _, n := range []string{name, strings.TrimPrefix(name, "is")} {
			if s, ok := find(n); ok {
				return s, true
			}
		}
	}
	return nil, false
}

// plainName makes names comparable.
func plainName(s string) string {
	return strings.ToLower(strings.Map(func(c rune) rune {
		if c == ' ' || c == '_' || c == '-' {
			return -1
		}
		return c
	}, s))
}

func category(name string) (set, bool) {
	switch name {
	case "any":
		return everything, true
	case "ascii":
		return posix["ascii"], true
	case "assigned":
		return setOfTable(unicode.Categories["Cn"]).negate(), true
	}
	for alias, short := range unicode.CategoryAliases {
		if plainName(alias) == name {
			name = plainName(short)
			break
		}
	}
	return tableNamed(unicode.Categories, name)
}

func script(name string) (set, bool) {
	if long, ok := scriptNames()[name]; ok {
		name = long
	}
	return tableNamed(unicode.Scripts, name)
}

// truth is the set for which a property is true. Those that Unicode derives from
// others are made here.
func truth(name string) (set, bool) {
	of := func(tables ...*unicode.RangeTable) set {
		var s set
		for _, t := range tables {
			s = s.union(setOfTable(t))
		}
		return s
	}
	switch name {
	case "alphabetic", "alpha":
		return alphabetic(), true
	case "lowercase", "lower":
		return of(unicode.Ll, unicode.Other_Lowercase), true
	case "uppercase", "upper":
		return of(unicode.Lu, unicode.Other_Uppercase), true
	case "cased":
		return of(unicode.Ll, unicode.Other_Lowercase, unicode.Lu, unicode.Other_Uppercase, unicode.Lt), true
	case "math":
		return of(unicode.Sm, unicode.Other_Math), true
	case "idstart", "ids":
		return of(unicode.L, unicode.Nl, unicode.Other_ID_Start).subtract(of(unicode.Pattern_Syntax, unicode.Pattern_White_Space)), true
	case "idcontinue", "idc":
		s := of(unicode.L, unicode.Nl, unicode.Other_ID_Start, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue)
		return s.subtract(of(unicode.Pattern_Syntax, unicode.Pattern_White_Space)), true
	case "space", "wspace":
		return space(), true
	case "hex":
		name = "hexdigit"
	case "ahex":
		name = "asciihexdigit"
	case "ideo":
		name = "ideographic"
	}
	return tableNamed(unicode.Properties, name)
}

// tableNamed finds a table by its plain name.
func tableNamed(tables map[string]*unicode.RangeTable, name string) (set, bool) {
	for long, t := range tables {
		if plainName(long) == name {
			return setOfTable(t), true
		}
	}
	return nil, false
}
