package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
)

// place is a part of a document.
type place struct {
	document string // the document's own URI: "" for the one that is compiled
	pointer  string // from the document's root
	value    any
	base     *url.URL // what relative references in it start from
}

// key names the place.
func (p place) key() string { return p.document + "#" + p.pointer }

// where is the place in messages.
func (p place) where() string {
	if p.pointer == "" {
		return p.document + "the schema's root"
	}
	return p.document + "#" + p.pointer
}

func (p place) wrong(format string, a ...any) error {
	return &Error{p.where(), fmt.Sprintf(format, a...)}
}

// child is a part of a place that is a schema too.
func (p place) child(tokens ...string) place {
	for _, t := range tokens {
		p.value, _ = step(p.value, t)
	}
	p.pointer = below(p.pointer, tokens...)
	return p
}

// home is the base of a document without an id. It never shows.
var home = &url.URL{Scheme: "schema", Host: "payload", Path: "/"}

// scope knows what URIs name. Only schemas that keywords put where schemas go
// have an id: one in an enum, or under an unknown keyword, is data.
type scope struct {
	draft  Draft
	byURI  map[string]place    // with fragment if that is a plain name
	bases  map[string]*url.URL // by place key
	loaded map[string]bool     // bundled documents
}

func newScope(draft Draft) *scope {
	return &scope{draft: draft, byURI: map[string]place{}, bases: map[string]*url.URL{}, loaded: map[string]bool{}}
}

// add notes the ids in a document.
func (s *scope) add(document string, value any, base *url.URL) (place, error) {
	root := place{document: document, value: value, base: base}
	s.byURI[base.String()] = root
	err := s.visit(root)
	root.base = s.bases[root.key()]
	return root, err
}

// visit notes the id of a schema and those of its parts.
func (s *scope) visit(p place) error {
	object, ok := p.value.(map[string]any)
	if !ok {
		s.bases[p.key()] = p.base
		return nil
	}
	if _, isRef := object["$ref"].(string); !isRef { // a reference has no other keywords
		if err := s.identify(&p, object); err != nil {
			return err
		}
	}
	s.bases[p.key()] = p.base
	for _, name := range sortedKeys(object) {
		for _, part := range s.parts(p, name) {
			if err := s.visit(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// identify applies a schema's id to p.
func (s *scope) identify(p *place, object map[string]any) error {
	name := "$id"
	if s.draft == Draft4 {
		name = "id"
	}
	id, ok := object[name].(string)
	if !ok {
		return nil
	}
	u, err := p.base.Parse(id)
	if err != nil {
		return p.wrong("%s %q is not a URI: %s", name, id, err)
	}
	fragment := u.Fragment
	u.Fragment, u.RawFragment = "", ""
	if fragment != "" {
		named := *p
		named.base = p.base
		s.byURI[u.String()+"#"+fragment] = named
		return nil
	}
	p.base = u
	s.byURI[u.String()] = *p
	return nil
}

// How keywords hold schemas.
var (
	holdsOne  = []string{"additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"}
	holdsList = []string{"allOf", "anyOf", "items", "oneOf"}
	holdsMap  = []string{"definitions", "dependencies", "patternProperties", "properties"}
)

// parts are the schemas that a keyword of p holds.
func (s *scope) parts(p place, keyword string) []place {
	value, _ := step(p.value, keyword)
	in := func(list []string) bool {
		for _, k := range list {
			if k == keyword {
				return true
			}
		}
		return false
	}
	var parts []place
	switch v := value.(type) {
	case []any:
		if in(holdsList) {
			for i := range v {
				parts = append(parts, p.child(keyword, strconv.Itoa(i)))
			}
		}
	case map[string]any:
		if in(holdsMap) {
			for _, k := range sortedKeys(v) {
				parts = append(parts, p.child(keyword, k))
			}
		} else if in(holdsOne) {
			parts = append(parts, p.child(keyword))
		}
	case bool:
		if in(holdsOne) {
			parts = append(parts, p.child(keyword))
		}
	}
	return parts
}

// resolve finds what a reference at p points to.
func (s *scope) resolve(p place, ref string) (place, error) {
	u, err := p.base.Parse(ref)
	if err != nil {
		return place{}, p.wrong("$ref %q is not a URI reference: %s", ref, err)
	}
	fragment := u.Fragment
	u.Fragment, u.RawFragment = "", ""
	if err := s.load(u.String()); err != nil {
		return place{}, err
	}
	target, ok := s.byURI[u.String()]
	if !ok {
		return place{}, p.wrong("$ref %q leads out of the schema; other documents are not fetched: put what it names under definitions, with an $id", ref)
	}
	if fragment != "" && !strings.HasPrefix(fragment, "/") {
		if target, ok = s.byURI[u.String()+"#"+fragment]; !ok {
			return place{}, p.wrong("$ref %q names nothing in the schema", ref)
		}
		return target, nil
	}
	if fragment == "" {
		return target, nil
	}
	for token := range strings.SplitSeq(fragment[1:], "/") {
		token = pointerUnescape.Replace(token)
		value, ok := step(target.value, token)
		if !ok {
			return place{}, p.wrong("$ref %q points to nothing in the schema", ref)
		}
		target.value, target.pointer = value, below(target.pointer, token)
		if base, ok := s.bases[target.key()]; ok {
			target.base = base
		}
	}
	return target, nil
}

//go:embed metaschema/*.json
var bundled embed.FS

// load makes a draft's own schema known when it is referred to.
func (s *scope) load(uri string) error {
	var n int
	named, _ := fmt.Sscanf(uri, "http://json-schema.org/draft-0%d/schema", &n)
	file := fmt.Sprintf("metaschema/draft%d.json", n)
	if _, err := fs.Stat(bundled, file); named == 0 || err != nil || s.loaded[uri] || s.byURI[uri].value != nil {
		return nil //nolint:nilerr // most documents are no draft's own schema, and there are three
	}
	text, err := bundled.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", uri, err)
	}
	s.loaded[uri] = true
	document, err := decode(text)
	if err != nil {
		return fmt.Errorf("read %s: %w", uri, err)
	}
	base, err := url.Parse(uri)
	if err != nil {
		return fmt.Errorf("read %s: %w", uri, err)
	}
	_, err = s.add(uri, document, base)
	return err
}
