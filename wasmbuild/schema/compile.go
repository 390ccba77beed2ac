package schema

import (
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
)

type compiler struct {
	draft   Draft
	options Options
	scope   *scope
	checks  []*check
	done    map[string]*check // by place key
	pending []string          // references being followed
	any     *check

	patterns map[string]*pattern.Program // by text
	work     int                         // that it took to compile them
}

func newCompiler(draft Draft, options Options) *compiler {
	c := &compiler{draft: draft, options: options, scope: newScope(draft), done: map[string]*check{}, patterns: map[string]*pattern.Program{}}
	c.any = c.newCheck("any value")
	return c
}

func (c *compiler) newCheck(where string) *check {
	k := &check{place: where, kinds: kindAll}
	c.checks = append(c.checks, k)
	return k
}

func (c *compiler) document(document any) (*check, error) {
	switch document.(type) {
	case map[string]any, bool:
	default:
		return nil, &Error{"the schema's root", "a schema is an object, or true or false"}
	}
	root, err := c.scope.add("", document, home)
	if err != nil {
		return nil, err
	}
	return c.compile(root)
}

// compile returns the check for a place, which is made once.
func (c *compiler) compile(p place) (*check, error) {
	key := p.key()
	if k, ok := c.done[key]; ok {
		return k, nil
	}
	object, isObject := p.value.(map[string]any)
	if ref, ok := object["$ref"].(string); ok {
		k, err := c.follow(p, ref)
		c.done[key] = k
		return k, err
	}
	if len(c.checks) > maxChecks {
		return nil, p.wrong("the schema has more than %d parts", maxChecks)
	}
	accepts, isBool := p.value.(bool)
	switch {
	case isBool && accepts || isObject && len(object) == 0:
		return c.any, nil
	case isBool:
		k := c.newCheck(p.where())
		k.ops = []op{{code: opNever, label: "no value"}}
		c.done[key] = k
		return k, nil
	case !isObject:
		return nil, p.wrong("%s is no schema; a schema is an object, or true or false", label("it", p.value)[3:])
	}
	k := c.newCheck(p.where())
	c.done[key] = k // before its parts: they may refer to it
	if err := c.keywords(k, p, object); err != nil {
		return nil, err
	}
	return k, nil
}

// follow compiles what a reference points to.
func (c *compiler) follow(p place, ref string) (*check, error) {
	if slices.Contains(c.pending, p.key()) {
		return nil, p.wrong("$ref %q leads back to itself", ref)
	}
	target, err := c.scope.resolve(p, ref)
	if err != nil {
		return nil, err
	}
	c.pending = append(c.pending, p.key())
	defer func() { c.pending = c.pending[:len(c.pending)-1] }()
	return c.compile(target)
}

// part compiles what a keyword of p holds, if it is there. Of a value that is no
// schema nothing can be made.
func (c *compiler) part(p place, tokens ...string) (*check, error) {
	child := p.child(tokens...)
	if base, ok := c.scope.bases[child.key()]; ok {
		child.base = base
	}
	return c.compile(child)
}

// keywords fills k from an object.
func (c *compiler) keywords(k *check, p place, object map[string]any) error {
	c.types(k, object)
	for _, add := range []func(*check, place, map[string]any) error{
		c.textKeywords, c.numberKeywords, c.objectKeywords, c.arrayKeywords, c.anyKeywords,
	} {
		if err := add(k, p, object); err != nil {
			return err
		}
	}
	return nil
}

var kindsOf = map[string]uint32{
	"null": kindNull, "boolean": kindBool, "integer": kindInteger, "number": kindInteger | kindNumber,
	"string": kindText, "object": kindObject, "array": kindArray,
}

// types sets the kinds of values that the type keyword allows. Unknown names
// count for nothing; if there are no others, all kinds are allowed.
func (c *compiler) types(k *check, object map[string]any) {
	var names []any
	switch t := object["type"].(type) {
	case string:
		names, k.typeName, k.kindText = []any{t}, t, "type="+t
	case []any:
		names, k.kindText = t, label("type", t)
	}
	kinds := uint32(0)
	for _, name := range names {
		if s, ok := name.(string); ok {
			kinds |= kindsOf[s]
		}
	}
	if kinds != 0 {
		k.kinds = kinds
	}
}

// limit reads a keyword that limits a count.
func limit(p place, object map[string]any, keyword string) (size, error) {
	value, isNumber := numberOf(object[keyword])
	if !isNumber {
		return size{}, nil
	}
	if !value.IsInt() || value.Sign() < 0 {
		return size{}, p.wrong("%s must be a whole number from 0 on", keyword)
	}
	n := uint32(1<<32 - 1) // no payload has so many of anything
	if value.Num().IsUint64() && value.Num().Uint64() < uint64(n) {
		n = uint32(value.Num().Uint64())
	}
	return size{true, n, label(keyword, object[keyword])}, nil
}

// limits reads minX and maxX.
func limits(p place, object map[string]any, suffix string) (least, most size, err error) {
	if least, err = limit(p, object, "min"+suffix); err != nil {
		return
	}
	most, err = limit(p, object, "max"+suffix)
	return
}
