package wasmbuild

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// transformer is what a transform step asks for, whatever its type.
type transformer struct {
	json, plain string   // the kernel's functions for values and for spans of plain text
	paths       []string // what to change
	wrong       [2]string
	settle      string
}

// planTransform fills r for a transform step.
func planTransform(r *rule, step *pb.PipelineStep, format pb.PipelineDataFormat) error {
	plain := format == pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_PLAINTEXT
	if step.GetTransform().GetType() == steps.TransformType_TRANSFORM_TYPE_EXTRACT {
		return planExtract(r, step, plain)
	}
	how, err := planChange(r, step.GetTransform(), plain)
	if err != nil {
		return err
	}
	if err := checkPaths(how.paths); err != nil {
		return err
	}
	r.bind["settle"], r.bind["beginStep"], r.bind["countTargets"], r.bind["arrange"] = how.settle, "begin", "countPaths", "arranged"
	if step.GetDynamic() {
		r.bind["beginStep"], r.bind["countTargets"], r.bind["hit"] = "beginKeep", "countMatches", "addTarget"
	} else {
		r.set["Static"] = 1
	}
	if step.GetDynamic() || len(how.paths) > 1 {
		r.bind["arrange"] = "sortTargets"
	}
	setText(r, "Wrong", how.wrong[0])
	setText(r, "WrongTail", how.wrong[1])
	r.set["PlaceCount"] = uint32(len(how.paths))
	if plain {
		r.entry = "transformPlain"
		r.bind["change"], r.bind["gather"], r.bind["settle"] = how.plain, "noSpans", "settleNothing"
		r.bind["addEdit"] = "listEdit"
		if step.GetDynamic() {
			r.bind["gather"] = "gatherSpans"
		}
		return nil
	}
	r.entry = "transform"
	r.bind["change"], r.bind["gather"], r.bind["addEdit"] = how.json, "gatherPaths", "listEdit"
	if step.GetDynamic() {
		r.bind["gather"] = "gatherMatches"
	}
	if !step.GetDynamic() && len(how.paths) == 1 {
		if one, err := planOne(r, how); one || err != nil {
			return err
		}
	}
	return planPlaces(r, how.paths)
}

// planOne fills r for a step with one path if that is made of keys only.
func planOne(r *rule, how transformer) (bool, error) {
	path, err := parsePath(how.paths[0])
	if err != nil {
		return false, err
	}
	path = placePath(path)
	if len(path) == 0 || finder(path) != "findKeys" {
		return false, nil
	}
	r.entry = "transformOne"
	r.set["Path"] = layOutPath(r, path)
	r.bind["addEdit"], r.bind["find"] = "setEdit", "findFields"
	if slices.ContainsFunc(path, func(s pathStep) bool { return s.index != noIndex }) {
		r.bind["find"] = "findKeys"
	}
	if how.json == "changeDelete" {
		r.bind["change"] = "changeDeleteOne"
	}
	wrong := how.wrong[0]
	if how.wrong[1] != "" {
		wrong += how.paths[0] + how.wrong[1]
	}
	var table []uint32
	say := func(text string) { table = append(table, r.data.String(text), uint32(len(text))) }
	const before, after = `Unable to transform payload: Generic("`, `"): 1`
	for _, reason := range []string{"data cannot be empty", "data is not valid JSON", "path '" + how.paths[0] + "' not found in data", wrong} {
		say(debugText(reason) + after)
	}
	say(before + "unable to parse data as UTF-8: ")
	say(after)
	r.set["Says"] = r.data.U32(table...)
	return true, nil
}

// debugText escapes a text as the original prints reasons; the kernel does the same.
func debugText(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c == 0:
			b.WriteString(`\0`)
		case c == '\t' || c == '\n' || c == '\r':
			b.WriteString(strings.Trim(strconv.Quote(string(c)), `"`))
		case c < ' ' || c == 127:
			fmt.Fprintf(&b, `\u{%x}`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// planChange says how the kernel does the step's type, and adds what that needs
// to the rule.
func planChange(r *rule, t *steps.TransformStep, plain bool) (transformer, error) {
	old := t.GetPath() //nolint:staticcheck // steps of old have no options
	if t.GetOptions() != nil {
		old = ""
	}
	switch t.GetType() {
	case steps.TransformType_TRANSFORM_TYPE_REPLACE_VALUE:
		o := t.GetReplaceValueOptions()
		value := o.GetValue()
		if t.GetOptions() == nil {
			value = t.GetValue() //nolint:staticcheck // likewise
		}
		if !plain {
			value = jsonText(value)
		}
		setText(r, "Insert", value)
		return transformer{json: "changeReplace", plain: "changeReplace", paths: []string{old + o.GetPath()}, settle: "settleNothing"}, nil
	case steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD:
		paths := t.GetDeleteFieldOptions().GetPaths()
		if old != "" {
			paths = []string{old}
		}
		return transformer{json: "changeDelete", plain: "changeCut", paths: paths, settle: "settleDelete", wrong: [2]string{"unable to delete data: could not find key"}}, nil
	case steps.TransformType_TRANSFORM_TYPE_OBFUSCATE_VALUE:
		return transformer{
			json: "changeObfuscate", plain: "changePlainHash", paths: []string{old + t.GetObfuscateOptions().GetPath()}, settle: "settleNothing",
			wrong: [2]string{"unable to obfuscate data: path '", "' is not a string or number"},
		}, nil
	case steps.TransformType_TRANSFORM_TYPE_MASK_VALUE:
		o := t.GetMaskOptions()
		mask := maskCharacter(o.GetMask())
		if !plain {
			mask = strings.Trim(quote(mask), `"`)
			if o.GetMask() != "" && o.GetMask()[0] == '"' {
				mask = `\"`
			}
		}
		setText(r, "Insert", mask)
		return transformer{
			json: "changeMask", plain: "changePlainMask", paths: []string{old + o.GetPath()}, settle: "settleNothing",
			wrong: [2]string{"unable to mask data: path '", "' is not a string or number"},
		}, nil
	case steps.TransformType_TRANSFORM_TYPE_TRUNCATE_VALUE:
		return planTruncate(r, t.GetTruncateOptions(), old, plain)
	case steps.TransformType_TRANSFORM_TYPE_UNKNOWN:
		return transformer{}, refuse("The transform step does not say what to do; choose a transform type.")
	}
	return transformer{}, refuse("Transform type %s is not supported by this release; remove the step or choose another type.", t.GetType())
}

// planTruncate is planChange for TRUNCATE_VALUE. In plain text the value says
// how much to remove, in JSON how much to keep.
func planTruncate(r *rule, o *steps.TransformTruncateOptions, old string, plain bool) (transformer, error) {
	amount := o.GetValue()
	switch o.GetType() {
	case steps.TransformTruncateType_TRANSFORM_TRUNCATE_TYPE_UNKNOWN, steps.TransformTruncateType_TRANSFORM_TRUNCATE_TYPE_LENGTH:
		if !plain {
			amount = max(amount, 0)
		}
	case steps.TransformTruncateType_TRANSFORM_TRUNCATE_TYPE_PERCENTAGE:
		r.set["Percent"] = 1
		if amount < 0 && plain {
			amount = 0
		}
	default:
		return transformer{}, refuse("Truncate type %s is not known; choose length or percentage.", o.GetType())
	}
	r.set["Amount"] = uint32(amount)
	return transformer{
		json: "changeTruncate", plain: "changePlainTruncate", paths: []string{old + o.GetPath()}, settle: "settleNothing",
		wrong: [2]string{"unable to truncate data: path '", "' is not a string"},
	}, nil
}

// maskCharacter is the first character of mask.
func maskCharacter(mask string) string {
	if mask == "" {
		return "*"
	}
	_, n := utf8.DecodeRuneInString(mask)
	return mask[:n]
}

// jsonText is value if that is JSON, else a JSON string of it. A quoted text
// with raw control characters in it counts as that string.
func jsonText(value string) string {
	if json.Valid([]byte(value)) {
		return value
	}
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		if inner := escapeControls(value); json.Valid([]byte(inner)) {
			return inner
		}
	}
	return quote(value)
}

// escapeControls escapes control characters and leaves everything else.
func escapeControls(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= ' ' {
			b.WriteByte(c)
			continue
		}
		b.WriteString(strings.Trim(quote(string(rune(c))), `"`))
	}
	return b.String()
}

// planPlaces puts the paths of the places to change into the rule.
func planPlaces(r *rule, paths []string) error {
	var table []uint32
	var all [][]pathStep
	r.bind["found"] = "foundKeys"
	for _, text := range paths {
		path, err := parsePath(text)
		if err != nil {
			return err
		}
		path = placePath(path)
		if err := checkWildcards(text, path); err != nil {
			return err
		}
		if finder(path) != "findKeys" {
			r.bind["found"] = "foundAny"
		}
		all = append(all, path)
		table = append(table, layOutPath(r, path), r.data.String(text), uint32(len(text)))
	}
	bindRare(r, all...)
	r.set["Places"] = r.data.U32(table...)
	return nil
}

// maxPaths bounds how often a step looks through the payload.
const maxPaths = 1000

func checkPaths(paths []string) error {
	if len(paths) > maxPaths {
		return refuse("The transform step has %d paths; at most %d are possible. Use wildcards, or several steps.", len(paths), maxPaths)
	}
	return nil
}

// checkWildcards bounds how often the kernel calls itself.
func checkWildcards(text string, path []pathStep) error {
	if wildcards(path) > maxPathNesting {
		return refuse("The path %.80q has more than %d components with wildcards; use a simpler one.", text, maxPathNesting)
	}
	return nil
}

// wildcards is how many components match several keys.
func wildcards(path []pathStep) (n int) {
	for _, s := range path {
		if s.op == opPattern {
			n++
		}
		n += wildcards(s.rest)
	}
	return n
}

// placePath is a path that leads to the same places of a payload. Where the
// original path makes a new value, which has no place, it leads nowhere.
func placePath(path []pathStep) []pathStep {
	nowhere := []pathStep{{op: opNever}}
	if len(path) > 0 && path[0].op == opLines { // the payload is the one line
		switch {
		case len(path) > 1 && path[1].op == opKey && path[1].index == 0:
			path = path[2:]
		case len(path) == 2 && path[1].op == opEach:
			path = path[1].rest
		default:
			return nowhere
		}
	}
	var places []pathStep
	for i, s := range path {
		switch s.op {
		case opKey, opPattern, opFirst:
		case opCount, opEach, opAll:
			if i+1 < len(path) {
				return nowhere
			}
			if s.rest != nil {
				s.rest = placePath(s.rest)
			}
		case opModifier:
			if s.index != modifiers["this"] && s.index != modifiers["valid"] {
				return nowhere
			}
			continue
		default:
			return nowhere
		}
		places = append(places, s)
	}
	return places
}
