// Package schema merges the JSON schemas that the hidden inference step of SDKs reports, so
// that what is stored describes every payload that any session has seen.
//
// It understands the vocabulary of that step: type, format, properties, required,
// additionalProperties, items and anyOf. A schema only ever becomes wider: a property that
// is sometimes missing is optional, a place with values of several types has them all.
package schema

import "maps"

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

// object describes all objects at one place.
type object struct {
	properties map[string]property
	extra      *node // describes every member when the keys are data; properties is empty then
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
	case a.object.extra != nil || b.object.extra != nil:
		extra := merge(a.object.members(), b.object.members())
		return object{extra: &extra}
	}
	m := object{properties: maps.Clone(a.object.properties)}
	for key, p := range a.object.properties {
		if _, both := b.object.properties[key]; !both {
			p.required = false
			m.properties[key] = p
		}
	}
	for key, p := range b.object.properties {
		before, both := a.object.properties[key]
		if !both {
			p.required = false
			put(&m, key, p)
			continue
		}
		put(&m, key, property{node: merge(before.node, p.node), required: before.required && p.required})
	}
	return m.bounded()
}

func put(o *object, key string, p property) {
	if o.properties == nil {
		o.properties = make(map[string]property)
	}
	o.properties[key] = p
}

// members describes any member of the object.
func (o object) members() node {
	if o.extra != nil {
		return *o.extra
	}
	var m node
	for _, p := range o.properties {
		m = merge(m, p.node)
	}
	return m
}

// bounded takes an object with too many properties for a map.
func (o object) bounded() object {
	if len(o.properties) <= maxProperties {
		return o
	}
	extra := o.members()
	return object{extra: &extra}
}
