package schema

import (
	"strconv"
)

// anyKeywords reads the keywords that hold for values of any kind, and those
// which look at a whole container.
func (c *compiler) anyKeywords(k *check, p place, object map[string]any) error {
	if values, ok := object["enum"].([]any); ok {
		k.add(op{code: opEnum, label: label("enum", values), values: canonicals(values)})
	}
	if value, ok := object["const"]; ok && c.draft >= Draft6 {
		k.add(op{code: opEnum, label: label("const", value), values: canonicals([]any{value})})
	}
	if unique, _ := object["uniqueItems"].(bool); unique {
		k.add(op{code: opUnique, label: label("uniqueItems", true)})
	}
	if _, ok := object["contains"]; ok && c.draft >= Draft6 {
		part, err := c.part(p, "contains")
		if err != nil {
			return err
		}
		k.add(op{code: opContains, label: said("contains", object, part), a: part})
	}
	if _, ok := object["propertyNames"]; ok && c.draft >= Draft6 {
		part, err := c.part(p, "propertyNames")
		if err != nil {
			return err
		}
		k.add(op{code: opNames, label: label("propertyNames", object["propertyNames"]), a: part})
	}
	if err := c.combine(k, p, object); err != nil {
		return err
	}
	return c.dependencies(k, p, object)
}

// said is what a message says of a schema that a value must contain, or not be:
// as the original, its type if it has one.
func said(keyword string, object map[string]any, part *check) string {
	if part.typeName != "" {
		return part.kindText
	}
	return label(keyword, object[keyword])
}

func (k *check) add(o op) { k.ops = append(k.ops, o) }

// combine reads allOf, anyOf, oneOf, not and if.
func (c *compiler) combine(k *check, p place, object map[string]any) error {
	for _, how := range []struct {
		keyword string
		code    opCode
	}{{"allOf", opAll}, {"anyOf", opAny}, {"oneOf", opOne}} {
		values, ok := object[how.keyword].([]any)
		if !ok {
			continue
		}
		var list []*check
		for i := range values {
			part, err := c.part(p, how.keyword, strconv.Itoa(i))
			if err != nil {
				return err
			}
			list = append(list, part)
		}
		if how.code != opAll {
			k.add(op{code: how.code, label: label(how.keyword, values), list: list})
			continue
		}
		for _, part := range list {
			k.add(op{code: opAll, a: part})
		}
	}
	if _, ok := object["not"]; ok {
		part, err := c.part(p, "not")
		if err != nil {
			return err
		}
		k.add(op{code: opNot, label: said("not", object, part), a: part})
	}
	if _, ok := object["if"]; ok && c.draft >= Draft7 {
		return c.condition(k, p, object)
	}
	return nil
}

// condition reads if, then and else.
func (c *compiler) condition(k *check, p place, object map[string]any) error {
	o := op{code: opIf}
	for _, branch := range []struct {
		keyword string
		to      **check
	}{{"if", &o.a}, {"then", &o.b}, {"else", &o.c}} {
		if _, ok := object[branch.keyword]; !ok {
			continue
		}
		part, err := c.part(p, branch.keyword)
		if err != nil {
			return err
		}
		*branch.to = part
	}
	if o.b != nil || o.c != nil {
		k.add(o)
	}
	return nil
}

// dependencies reads what the presence of a property demands: others, or a schema.
func (c *compiler) dependencies(k *check, p place, object map[string]any) error {
	values, ok := object["dependencies"].(map[string]any)
	if !ok {
		return nil
	}
	for _, name := range sortedKeys(values) {
		names, isList := values[name].([]any)
		if !isList {
			part, err := c.part(p, "dependencies", name)
			if err != nil {
				return err
			}
			k.add(op{code: opDepends, name: name, a: part})
			continue
		}
		part := c.newCheck(p.child("dependencies", name).where())
		part.object = &objectCheck{rest: rest{check: c.any}}
		part.object.require(c.any, "dependencies", names)
		k.add(op{code: opDepends, name: name, a: part})
	}
	return nil
}
