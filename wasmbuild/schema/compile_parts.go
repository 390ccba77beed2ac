package schema

import (
	"slices"
	"strconv"

	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
)

// textKeywords reads the keywords about strings.
func (c *compiler) textKeywords(k *check, p place, object map[string]any) error {
	var t textCheck
	var err error
	if t.min, t.max, err = limits(p, object, "Length"); err != nil {
		return err
	}
	if text, ok := object["pattern"].(string); ok {
		if t.pattern, err = c.compilePattern(p, "pattern", text); err != nil {
			return err
		}
		t.patternLabel = label("pattern", text)
	}
	if name, ok := object["format"].(string); ok && !c.options.Annotate {
		t.format, t.formatLabel = formats[name], label("format", name)
	}
	if t.min.set || t.max.set || t.pattern != nil || t.format != formatNone {
		k.text = &t
	}
	return nil
}

func (c *compiler) compilePattern(p place, keyword, text string) (*pattern.Program, error) {
	if program := c.patterns[text]; program != nil {
		return program, nil
	}
	if c.work > maxPatternWork {
		return nil, p.wrong("the patterns up to here take too long to build; use fewer, or such that repeat and nest less")
	}
	program, err := pattern.Compile(text, pattern.ECMA)
	if err != nil {
		return nil, p.wrong("%s %q cannot be used: %s", keyword, text, err)
	}
	c.patterns[text] = program
	c.work += program.Work
	return program, nil
}

// objectKeywords reads the keywords about members.
func (c *compiler) objectKeywords(k *check, p place, object map[string]any) error {
	o := &objectCheck{rest: rest{check: c.any}}
	var err error
	if o.min, o.max, err = limits(p, object, "Properties"); err != nil {
		return err
	}
	if o.rest, err = c.restOf(k, p, object, "additionalProperties"); err != nil {
		return err
	}
	if err := c.patternProperties(o, p, object); err != nil {
		return err
	}
	properties, _ := object["properties"].(map[string]any)
	for _, name := range sortedKeys(properties) {
		part, err := c.part(p, "properties", name)
		if err != nil {
			return err
		}
		o.properties = append(o.properties, property{name, c.withPatterns(o, name, part), -1})
	}
	if names, ok := object["required"].([]any); ok {
		o.require(nil, "required", names)
		for i, q := range o.properties {
			if q.check == nil { // what is said of it is said by others
				o.properties[i].check = c.withPatterns(o, q.name, nil)
			}
		}
	}
	if o.min.set || o.max.set || len(o.properties) > 0 || len(o.patterns) > 0 || o.rest.check != c.any {
		k.object = o
	}
	return nil
}

func (c *compiler) patternProperties(o *objectCheck, p place, object map[string]any) error {
	values, _ := object["patternProperties"].(map[string]any)
	for _, text := range sortedKeys(values) {
		program, err := c.compilePattern(p, "patternProperties", text)
		if err != nil {
			return err
		}
		part, err := c.part(p, "patternProperties", text)
		if err != nil {
			return err
		}
		o.patterns = append(o.patterns, patternProperty{program, part})
	}
	return nil
}

// withPatterns returns all that holds for the member of a name: its own check,
// if there is one, and those of the patterns that match it; else the rest's.
// nil: there must be no such member.
func (c *compiler) withPatterns(o *objectCheck, name string, own *check) *check {
	var list []*check
	if own != nil {
		list = append(list, own)
	}
	for _, q := range o.patterns {
		if q.program.Match(name) {
			list = append(list, q.check)
		}
	}
	switch len(list) {
	case 0:
		return o.rest.check
	case 1:
		return list[0]
	}
	all := c.newCheck("property " + name)
	for _, part := range list {
		all.add(op{code: opAll, a: part})
	}
	return all
}

// require adds names that must be there. A name without a property of its own
// gets one with the check other.
func (o *objectCheck) require(other *check, keyword string, names []any) {
	for _, v := range names {
		name, ok := v.(string)
		if !ok || slices.ContainsFunc(o.required, func(r required) bool { return r.name == name }) {
			continue
		}
		i := slices.IndexFunc(o.properties, func(q property) bool { return q.name == name })
		if i < 0 {
			i = len(o.properties)
			o.properties = append(o.properties, property{name, other, -1})
		}
		o.properties[i].required = len(o.required)
		o.required = append(o.required, required{name, label(keyword, name)})
	}
	slices.SortFunc(o.properties, func(a, b property) int {
		switch {
		case a.name < b.name:
			return -1
		case a.name > b.name:
			return 1
		}
		return 0
	})
}

// restOf reads additionalProperties or additionalItems.
func (c *compiler) restOf(k *check, p place, object map[string]any, keyword string) (rest, error) {
	value, ok := object[keyword]
	if _, isObject := value.(map[string]any); !ok || value == true || value != false && !isObject {
		return rest{check: c.any}, nil
	}
	if value == false {
		if k.typeName != "" {
			return rest{nil, k.kindText, true}, nil
		}
		return rest{nil, label(keyword, false), false}, nil
	}
	part, err := c.part(p, keyword)
	return rest{check: part}, err
}

// arrayKeywords reads the keywords about elements.
func (c *compiler) arrayKeywords(k *check, p place, object map[string]any) error {
	a := &arrayCheck{rest: rest{check: c.any}}
	var err error
	if a.min, a.max, err = limits(p, object, "Items"); err != nil {
		return err
	}
	switch items := object["items"].(type) {
	case []any:
		for i := range items {
			part, err := c.part(p, "items", strconv.Itoa(i))
			if err != nil {
				return err
			}
			a.tuple = append(a.tuple, part)
		}
		if a.rest, err = c.restOf(k, p, object, "additionalItems"); err != nil {
			return err
		}
	case map[string]any, bool:
		if a.rest.check, err = c.part(p, "items"); err != nil {
			return err
		}
	}
	if a.min.set || a.max.set || len(a.tuple) > 0 || a.rest.check != c.any {
		k.array = a
	}
	return nil
}
