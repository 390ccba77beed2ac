package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decode reads a JSON text. Numbers keep their digits.
func decode(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, &Error{"line 1", "the schema is not UTF-8 text"}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return nil, syntaxError(text, err, int(d.InputOffset()))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{position(text, int(d.InputOffset())), "the schema goes on after its end"}
	}
	if tooDeep(document, maxNesting) {
		return nil, &Error{"line 1", fmt.Sprintf("the schema nests deeper than %d levels", maxNesting)}
	}
	return document, nil
}

func syntaxError(text []byte, err error, offset int) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &Error{position(text, int(syntax.Offset)), "the schema is not JSON: " + syntax.Error()}
	}
	return &Error{position(text, max(offset, len(text))), "the schema is not JSON: it ends too early"}
}

// position is the line and column, in bytes, of the last of n bytes.
func position(text []byte, n int) string {
	head := text[:min(n, len(text))]
	line := 1 + bytes.Count(head, []byte("\n"))
	return fmt.Sprintf("line %d column %d", line, len(head)-1-bytes.LastIndexByte(head, '\n'))
}

func tooDeep(v any, levels int) bool {
	if levels == 0 {
		return true
	}
	deeper := func(v any) bool { return tooDeep(v, levels-1) }
	switch v := v.(type) {
	case map[string]any:
		for _, m := range v {
			if deeper(m) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, deeper)
	}
	return false
}

// maxLabel bounds what a message says of a keyword's value.
const maxLabel = 200

// label is what a message says is expected by a keyword.
func label(keyword string, v any) string {
	s := keyword + "=" + compact(v)
	if len(s) <= maxLabel {
		return s
	}
	n := maxLabel
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// step descends one JSON pointer token.
func step(v any, token string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		m, ok := v[token]
		return m, ok
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) || strconv.Itoa(i) != token {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}

var (
	pointerEscape   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescape = strings.NewReplacer("~1", "/", "~0", "~")
)

// below is the pointer to a part of what pointer points to.
func below(pointer string, tokens ...string) string {
	for _, t := range tokens {
		pointer += "/" + pointerEscape.Replace(t)
	}
	return pointer
}

// sortedKeys makes walks over objects deterministic.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
