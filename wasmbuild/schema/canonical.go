package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// compact is a value as JSON without white space, its members sorted by their
// names' bytes, its strings with as few escapes as possible.
func compact(v any) string { return write(v, func(digits string) string { return digits }) }

// canonicals are the values in the form in which the kernel compares values:
// equal values have one text.
func canonicals(values []any) []string {
	seen := map[string]bool{}
	var list []string
	for _, v := range values {
		if s := write(v, canonicalNumber); !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	return list
}

func write(v any, number func(string) string) string {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case string:
		return quote(v)
	case []any:
		list := make([]string, len(v))
		for i, e := range v {
			list[i] = write(e, number)
		}
		return "[" + strings.Join(list, ",") + "]"
	case map[string]any:
		list := make([]string, 0, len(v))
		for _, k := range sortedKeys(v) {
			list = append(list, quote(k)+":"+write(v[k], number))
		}
		return "{" + strings.Join(list, ",") + "}"
	case nil:
		return "null"
	}
	return fmt.Sprint(v) // true or false
}

var shortEscapes = map[byte]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

// quote is a JSON string with as few escapes as possible.
func quote(s string) string {
	b := []byte{'"'}
	for i := range len(s) {
		if escape, ok := shortEscapes[s[i]]; ok {
			b = append(b, escape...)
		} else if s[i] < ' ' {
			b = fmt.Appendf(b, `\u%04x`, s[i])
		} else {
			b = append(b, s[i])
		}
	}
	return string(append(b, '"'))
}

// canonicalNumber writes a number as its digits, and then e and a power of ten if
// that is not 0; digits end in 0 only if the number is 0.
func canonicalNumber(s string) string {
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	mantissa, e, _ := strings.Cut(strings.ToLower(s), "e")
	exponent, err := strconv.ParseInt(e, 10, 32)
	if err != nil && e != "" { // none that a payload can have
		return "?" + s
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(digits, "0")
	if trimmed == "" {
		return "0"
	}
	exponent += int64(len(digits) - len(trimmed) - len(fraction))
	if exponent == 0 {
		return sign + trimmed
	}
	return sign + trimmed + "e" + strconv.FormatInt(exponent, 10)
}
