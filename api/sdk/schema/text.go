package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// maxBytes bounds what is parsed. The inference step's own bound is far below.
const maxBytes = 1 << 20

// draft is what every schema of ours declares.
const draft = "http://json-schema.org/draft-07/schema#"

// typeNames in the order in which alternatives are written.
var typeNames = []struct {
	kind kinds
	name string
}{
	{kindNull, "null"},
	{kindBoolean, "boolean"},
	{kindInteger, "integer"},
	{kindNumber, "number"},
	{kindString, "string"},
	{kindObject, "object"},
	{kindArray, "array"},
}

var errNotObject = errors.New("a schema must be a JSON object")

// Parse reads a JSON schema, which must be a JSON object. Keywords that the package does not
// know are left out; a place that it cannot describe accepts everything.
func Parse(text []byte) (Schema, error) {
	if len(text) > maxBytes {
		return Schema{}, fmt.Errorf("the schema has %d bytes, more than %d", len(text), maxBytes)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return Schema{}, err
	}
	root, ok := value.(map[string]any)
	if !ok {
		return Schema{}, errNotObject
	}
	return Schema{root: parse(root)}, nil
}

func parse(value any) node {
	m, ok := value.(map[string]any)
	if !ok {
		return node{kinds: kindAny}
	}
	if alternatives, ok := m["anyOf"].([]any); ok {
		var n node
		for _, alternative := range alternatives {
			n = merge(n, parse(alternative))
		}
		return n
	}
	switch t := m["type"].(type) {
	case string:
		return parseType(t, m)
	case []any:
		var n node
		for _, one := range t {
			name, _ := one.(string)
			n = merge(n, parseType(name, m))
		}
		return n
	default:
		return node{kinds: kindAny}
	}
}

func parseType(name string, m map[string]any) node {
	for _, t := range typeNames {
		if t.name != name {
			continue
		}
		n := node{kinds: t.kind}
		switch t.kind {
		case kindString:
			n.format, _ = m["format"].(string)
		case kindObject:
			n.object = parseObject(m)
		case kindArray:
			items := parseItems(m["items"])
			n.items = &items
		case kindNull, kindBoolean, kindInteger, kindNumber, kindAny: // nothing more to say
		}
		return n
	}
	return node{kinds: kindAny}
}

func parseObject(m map[string]any) object {
	properties, _ := m["properties"].(map[string]any)
	listed, _ := m["required"].([]any)
	required := make(map[string]bool, len(listed))
	for _, key := range listed {
		if name, ok := key.(string); ok {
			required[name] = true
		}
	}
	o := object{properties: make(map[string]property, len(properties))}
	for key, value := range properties {
		o.properties[key] = property{node: parse(value), required: required[key]}
	}
	if extra, ok := m["additionalProperties"].(map[string]any); ok {
		n := parse(extra)
		o.extra = &n
	}
	return o.bounded()
}

// parseItems knows how the elements of an array that was always empty are written: as an
// object without properties that does not even say that nothing is required.
func parseItems(value any) node {
	m, _ := value.(map[string]any)
	properties, ok := m["properties"].(map[string]any)
	if _, says := m["required"]; m["type"] == "object" && len(m) == 2 && ok && len(properties) == 0 && !says {
		return node{}
	}
	return parse(value)
}

// Bytes returns the schema as compact JSON with sorted members. Equal schemas give equal
// bytes.
func (s Schema) Bytes() []byte {
	root := s.root.value()
	root["$schema"] = draft
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(root); err != nil { // not possible for maps, slices and strings
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// value returns what encoding/json writes for a node; it sorts the members of maps.
func (n node) value() map[string]any {
	if n.kinds == 0 {
		return map[string]any{"type": "object", "properties": map[string]any{}}
	}
	if n.kinds&kindAny != 0 {
		return map[string]any{}
	}
	var alternatives []map[string]any
	for _, t := range typeNames {
		if n.kinds&t.kind != 0 {
			alternatives = append(alternatives, n.alternative(t.kind, t.name))
		}
	}
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return map[string]any{"anyOf": alternatives}
}

func (n node) alternative(kind kinds, name string) map[string]any {
	value := map[string]any{"type": name}
	switch kind {
	case kindString:
		if n.format != "" {
			value["format"] = n.format
		}
	case kindArray:
		value["items"] = n.items.value()
	case kindObject:
		n.object.describe(value)
	case kindNull, kindBoolean, kindInteger, kindNumber, kindAny: // nothing more to say
	}
	return value
}

func (o object) describe(value map[string]any) {
	properties := make(map[string]any, len(o.properties))
	var required []string
	for _, key := range slices.Sorted(maps.Keys(o.properties)) {
		properties[key] = o.properties[key].value()
		if o.properties[key].required {
			required = append(required, key)
		}
	}
	value["properties"] = properties
	if o.extra != nil {
		value["additionalProperties"] = o.extra.value()
	}
	switch {
	case required != nil:
		value["required"] = required
	case len(properties) == 0 && o.extra == nil: // as the inference step says that an object was always empty
		value["required"] = []string{}
	}
}
