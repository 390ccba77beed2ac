// Package schema merges the JSON schemas that the hidden inference step of SDKs reports, so
// that what is stored describes every payload that any session has seen.
//
// It understands the vocabulary of that step: type, format, properties, required,
// additionalProperties, items and anyOf. A schema only ever becomes wider: a property that
// is sometimes missing is optional, a place with values of several types has them all.
package schema

// maxProperties is how many properties an object may have before its keys are taken for
// data. The inference step uses the same bound.
const maxProperties = 256

// kinds is a set of JSON types.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindInteger // never together with kindNumber, which includes it
	kindNumber
	kindString
	kindObject
	kindArray
	kindAny // everything; nothing else is known then
)

// Schema describes the payloads of an audience. The zero Schema describes none.
type Schema struct {
	root node
}

// node describes the values at one place. A node without kinds describes no value: the
// elements of an array that was always empty.
type node struct {
	kinds  kinds
	format string // of all strings; "" when they differ or have none
	object object
	items  *node // of all elements; nil without kindArray
}

// object describes all objects at one place: the members that have names of their own, and
// in extra all others, when there are so many that their keys must be data.
type object struct {
	properties map[string]property
	extra      *node
}

type property struct {
	node
	required bool
}

// Merge returns the schema of everything that a or b describe.
func Merge(a, b Schema) Schema { return Schema{root: merge(a.root, b.root)} }

func merge(a, b node) node {
	switch {
	case a.kinds == 0:
		return b
	case b.kinds == 0:
		return a
	case (a.kinds|b.kinds)&kindAny != 0:
		return node{kinds: kindAny}
	}
	m := node{kinds: a.kinds | b.kinds}
	if m.kinds&kindNumber != 0 {
		m.kinds &^= kindInteger
	}
	m.format = mergeFormat(a, b)
	m.object = mergeObject(a, b)
	m.items = mergeItems(a, b)
	return m
}

func mergeFormat(a, b node) string {
	switch {
	case a.kinds&kindString == 0:
		return b.format
	case b.kinds&kindString == 0 || a.format == b.format:
		return a.format
	default:
		return ""
	}
}

func mergeItems(a, b node) *node {
	switch {
	case a.items == nil:
		return b.items
	case b.items == nil:
		return a.items
	default:
		items := merge(*a.items, *b.items)
		return &items
	}
}

func mergeObject(a, b node) object {
	switch {
	case a.kinds&kindObject == 0:
		return b.object
	case b.kinds&kindObject == 0:
		return a.object
	}
	m := object{properties: make(map[string]property, len(a.object.properties))}
	m.mergeExtra(a.object.extra)
	m.mergeExtra(b.object.extra)
	for key, p := range a.object.properties {
		if q, both := b.object.properties[key]; both {
			m.properties[key] = property{node: merge(p.node, q.node), required: p.required && q.required}
		} else {
			m.addLone(key, p, b.object)
		}
	}
	for key, p := range b.object.properties {
		if _, both := a.object.properties[key]; !both {
			m.addLone(key, p, a.object)
		}
	}
	return m.bounded()
}

func (o *object) mergeExtra(extra *node) {
	switch {
	case extra == nil:
	case o.extra == nil:
		o.extra = extra
	default:
		n := merge(*o.extra, *extra)
		o.extra = &n
	}
}

// addLone adds a property that the other object does not have, or has among its extra ones.
func (o *object) addLone(key string, p property, other object) {
	if other.extra != nil {
		o.mergeExtra(&p.node)
		return
	}
	p.required = false
	o.properties[key] = p
}

// bounded takes the keys of an object with too many properties for data, those that are
// always there excepted.
func (o object) bounded() object {
	if len(o.properties) <= maxProperties {
		return o
	}
	b := object{properties: make(map[string]property), extra: o.extra}
	for key, p := range o.properties {
		if p.required {
			b.properties[key] = p
		} else {
			b.mergeExtra(&p.node)
		}
	}
	if len(b.properties) > maxProperties {
		for _, p := range b.properties {
			b.mergeExtra(&p.node)
		}
		b.properties = nil
	}
	return b
}
