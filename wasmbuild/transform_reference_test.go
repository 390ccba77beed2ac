package wasmbuild

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// spot is a value of a document and where it is.
type spot struct {
	start, end int
	text       string // the value as it is written
	keys       []string
	kids       []*spot
	parent     *spot
}

// parseSpots reads the value of the valid document doc that starts at or after at.
func parseSpots(doc string, at int) *spot {
	at += len(doc[at:]) - len(strings.TrimLeft(doc[at:], " \t\r\n"))
	var raw json.RawMessage
	if err := json.NewDecoder(strings.NewReader(doc[at:])).Decode(&raw); err != nil {
		panic(err)
	}
	s := &spot{start: at, end: at + len(raw), text: string(raw)}
	if raw[0] != '{' && raw[0] != '[' {
		return s
	}
	p := s.start + 1
	blank := func() { p += len(doc[p:]) - len(strings.TrimLeft(doc[p:], " \t\r\n")) }
	for blank(); doc[p] != '}' && doc[p] != ']'; blank() {
		if doc[p] == ',' {
			p++
		}
		if raw[0] == '{' {
			key := parseSpots(doc, p)
			var text string
			if err := json.Unmarshal([]byte(key.text), &text); err != nil {
				panic(err)
			}
			s.keys = append(s.keys, text)
			p = key.end
			blank()
			p++ // the colon
		}
		kid := parseSpots(doc, p)
		kid.parent = s
		s.kids = append(s.kids, kid)
		p = kid.end
	}
	return s
}

func (s *spot) member(match func(string) bool) *spot {
	if i := slices.IndexFunc(s.keys, match); i >= 0 {
		return s.kids[i]
	}
	return nil
}

// placesOf are the places that a path leads to.
func placesOf(s *spot, path []pathStep) []*spot {
	if s == nil {
		return nil
	}
	if len(path) == 0 {
		return []*spot{s}
	}
	step, rest := path[0], path[1:]
	array := s.text[0] == '['
	each := func(rest []pathStep, condition *pathQuery) (all []*spot) {
		for _, kid := range s.kids {
			if condition == nil || fulfils(parseNode([]byte(kid.text)), condition) {
				all = append(all, placesOf(kid, rest)...)
			}
		}
		return all
	}
	hash := func() *spot { return s.member(func(key string) bool { return key == "#" }) }
	switch {
	case step.op == opKey && array && step.index < uint32(len(s.kids)):
		return placesOf(s.kids[step.index], rest)
	case step.op == opKey:
		return placesOf(s.member(func(key string) bool { return key == step.text }), rest)
	case step.op == opPattern:
		var all []*spot
		for i, key := range s.keys {
			if likePattern(key, step.text) {
				all = append(all, placesOf(s.kids[i], rest)...)
			}
		}
		return all
	case step.op == opEach && array:
		return each(step.rest, nil)
	case step.op == opEach:
		return placesOf(hash(), step.rest)
	case step.op == opCount && !array:
		return placesOf(hash(), nil)
	case step.op == opAll && array:
		return each(step.rest, step.query)
	case step.op == opFirst && array:
		for _, kid := range s.kids {
			if fulfils(parseNode([]byte(kid.text)), step.query) {
				return placesOf(kid, rest)
			}
		}
	}
	return nil
}

// target is a place and the number of the path that leads to it.
type target struct {
	*spot
	order int
}

// outermost sorts targets and drops those within others. same says whether one
// was dropped whose path comes after the other's.
func outermost(all []target) (kept []target, same bool) {
	sort.SliceStable(all, func(i, j int) bool { return all[i].start < all[j].start })
	for _, t := range all {
		if n := len(kept); n > 0 && t.start < kept[n-1].end {
			same = same || t.order > kept[n-1].order
			continue
		}
		kept = append(kept, t)
	}
	return kept, same
}

// changed is the reference for what becomes of one value; false if it cannot be changed.
func changed(text string, t *steps.TransformStep) (string, bool) {
	var s string
	isString := text[0] == '"'
	if isString {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			panic(err)
		}
	}
	fixed := "123123123"
	if strings.Contains(text, ".") {
		fixed = "123123.123"
	}
	switch {
	case t.GetType() == steps.TransformType_TRANSFORM_TYPE_REPLACE_VALUE:
		return jsonText(t.GetReplaceValueOptions().GetValue()), true
	case t.GetType() == steps.TransformType_TRANSFORM_TYPE_TRUNCATE_VALUE:
		if !isString {
			return "", false
		}
		keep := int(t.GetTruncateOptions().GetValue())
		if t.GetTruncateOptions().GetType() == steps.TransformTruncateType_TRANSFORM_TRUNCATE_TYPE_PERCENTAGE {
			percent := 100 - keep
			if keep < 0 || keep > 100 {
				percent = 0
			}
			keep = len(s) - (2*len(s)*percent+100)/200
		}
		return minimal(head(s, keep)), true
	case strings.ContainsAny(text[:1], "{["):
		return "", false
	case t.GetType() == steps.TransformType_TRANSFORM_TYPE_OBFUSCATE_VALUE:
		switch {
		case isString:
			return fmt.Sprintf(`"sha256:%x"`, sha256.Sum256([]byte(s))), true
		case strings.ContainsAny(text[:1], "tfn"):
			return text, true
		}
		return fixed, true
	case isString:
		kept := head(s, len(s)-(8*len(s)+5)/10)
		mask := maskCharacter(t.GetMaskOptions().GetMask())
		return minimal(kept + strings.Repeat(mask, len(s)-len(kept))), true
	case strings.ContainsAny(text[:1], "tfn"):
		return "", false
	}
	return fixed, true
}

// head is the first n bytes of s, or fewer so as not to cut a character.
func head(s string, n int) string {
	n = max(min(n, len(s)), 0)
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// minimal is s as JSON with only the escapes that JSON needs.
func minimal(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSpace(b.String()))
}

// splice replaces the targets' values.
func splice(doc string, targets []target, t *steps.TransformStep) (out string, wrong bool) {
	var b strings.Builder
	at := 0
	for _, k := range targets {
		text, ok := changed(k.text, t)
		wrong = wrong || !ok
		b.WriteString(doc[at:k.start] + text)
		at = k.end
	}
	return b.String() + doc[at:], wrong
}

// without is the document, without white space, after the targets were deleted.
func without(s *spot, targets []target) string {
	if s.text[0] != '{' && s.text[0] != '[' {
		return s.text
	}
	var kept []string
	for i, kid := range s.kids {
		if slices.ContainsFunc(targets, func(t target) bool { return t.spot == kid }) {
			continue
		}
		text := without(kid, targets)
		if s.text[0] == '{' {
			text = minimal(s.keys[i]) + ":" + text
		}
		kept = append(kept, text)
	}
	return s.text[:1] + strings.Join(kept, ",") + s.text[len(s.text)-1:]
}
