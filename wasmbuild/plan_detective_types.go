package wasmbuild

import (
	"fmt"
	"math"

	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// detectors are the supported types that look at values.
var detectors = map[steps.DetectiveType]detector{
	steps.DetectiveType_DETECTIVE_TYPE_IS_EMPTY: {match: "matchEmpty", whole: true},
	steps.DetectiveType_DETECTIVE_TYPE_IS_TYPE:  {match: "matchKind", whole: true, prepare: prepareKind},

	steps.DetectiveType_DETECTIVE_TYPE_STRING_EQUAL:        {match: "matchEqual", prepare: prepareEqual},
	steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ANY: {match: "matchContainsAny", prepare: prepareContains},
	steps.DetectiveType_DETECTIVE_TYPE_STRING_CONTAINS_ALL: {match: "matchContainsAll", prepare: prepareContains},
	steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_MIN:   {match: "matchLength", prepare: prepareLength},
	steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_MAX:   {match: "matchLength", prepare: prepareLength},
	steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_RANGE: {match: "matchLength", prepare: prepareLength},

	steps.DetectiveType_DETECTIVE_TYPE_REGEX: {match: "matchRegex", prepare: prepareRegex, compile: compileRegex},

	steps.DetectiveType_DETECTIVE_TYPE_BOOLEAN_TRUE:  {match: "matchKind", missed: "missBoolean", prepare: prepareBoolean},
	steps.DetectiveType_DETECTIVE_TYPE_BOOLEAN_FALSE: {match: "matchKind", missed: "missBoolean", prepare: prepareBoolean},

	steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL:       {match: "matchEmail", sparse: "candidateAt"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD: {match: "matchCard", sparse: "candidateCard"},

	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_EQUAL_TO:      {match: "matchNumber", prepare: prepareNumber("=")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_THAN:  {match: "matchNumber", prepare: prepareNumber(">")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_EQUAL: {match: "matchNumber", prepare: prepareNumber(">=")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_THAN:     {match: "matchNumber", prepare: prepareNumber("<")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_LESS_EQUAL:    {match: "matchNumber", prepare: prepareNumber("<=")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_RANGE:         {match: "matchNumber", prepare: prepareNumberRange},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_MIN:           {match: "matchNumber", prepare: prepareNumber(">")},
	steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_MAX:           {match: "matchNumber", prepare: prepareNumber("<")},
}

func prepareEqual(r *rule, d *steps.DetectiveStep) string {
	if len(d.GetArgs()) != 1 {
		return "error: string_equal_to requires exactly 1 argument"
	}
	setArgs(r, d)
	lookForText(r, d)
	return ""
}

func prepareContains(r *rule, d *steps.DetectiveStep) string {
	if len(d.GetArgs()) == 0 {
		return "error: string_contains_any requires at least 1 argument"
	}
	setArgs(r, d)
	lookForText(r, d)
	return ""
}

func setArgs(r *rule, d *steps.DetectiveStep) {
	r.set["Args"] = r.data.Strings(d.GetArgs())
	r.set["ArgCount"] = uint32(len(d.GetArgs()))
}

// maxSoughtText bounds how far beyond the payload a search for text reads.
const maxSoughtText = 1024

// lookForText lets a scan visit only leaves where the argument occurs, if there is but one.
func lookForText(r *rule, d *steps.DetectiveStep) {
	if n := len(d.GetArgs()[0]); len(d.GetArgs()) == 1 && n > 0 && n <= maxSoughtText {
		lookFor(r, d, "candidateText")
	}
}

// kinds are IS_TYPE's names and the first bytes of such values; - stands for all numbers.
var kinds = map[string]string{"string": `""`, "number": "--", "boolean": "tf", "bool": "tf", "array": "[[", "object": "{{", "null": "nn"}

func prepareKind(r *rule, d *steps.DetectiveStep) string {
	if len(d.GetArgs()) != 1 {
		return "error: is_type requires exactly 1 argument"
	}
	kind, ok := kinds[d.GetArgs()[0]]
	if !ok {
		return "match error: unknown type: " + d.GetArgs()[0]
	}
	setKind(r, kind)
	return ""
}

func setKind(r *rule, kind string) {
	r.set["KindFirst"], r.set["KindFirstOrOther"] = uint32(kind[0]), uint32(kind[1])
}

// prepareBoolean looks for the other word when negated: what is no boolean matches neither way.
func prepareBoolean(r *rule, d *steps.DetectiveStep) string {
	r.set["Negate"] = 0
	if (d.GetType() == steps.DetectiveType_DETECTIVE_TYPE_BOOLEAN_TRUE) != d.GetNegate() {
		setKind(r, "tt")
	} else {
		setKind(r, "ff")
	}
	return ""
}

func prepareLength(r *rule, d *steps.DetectiveStep) string {
	want := 1
	if d.GetType() == steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_RANGE {
		want = 2
	}
	if len(d.GetArgs()) != want {
		return fmt.Sprintf("error: string length requires %d arg(s)", want)
	}
	numbers, wrong := parseArgs(d)
	if wrong != "" {
		return wrong
	}
	r.set["LengthMin"], r.set["LengthMax"] = 0, math.MaxUint32
	if d.GetType() != steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_MAX {
		r.set["LengthMin"] = size(numbers[0])
	}
	if d.GetType() != steps.DetectiveType_DETECTIVE_TYPE_STRING_LENGTH_MIN {
		r.set["LengthMax"] = size(numbers[want-1])
	}
	return ""
}

// size turns a number into a length: cut off, and no less than 0 or NaN allow.
func size(f float64) uint32 {
	switch {
	case !(f > 0):
		return 0
	case f >= math.MaxUint32:
		return math.MaxUint32
	}
	return uint32(f)
}

func parseArgs(d *steps.DetectiveStep) (numbers []float64, wrong string) {
	for _, arg := range d.GetArgs() {
		f, reason := parseFloat(arg)
		if reason != "" {
			return nil, "error: failed to parse number: " + reason
		}
		numbers = append(numbers, f)
	}
	return numbers, ""
}

func prepareNumber(op string) func(*rule, *steps.DetectiveStep) string {
	return func(r *rule, d *steps.DetectiveStep) string {
		if len(d.GetArgs()) != 1 {
			return "error: numeric match must have 1 arg"
		}
		numbers, wrong := parseArgs(d)
		if wrong == "" {
			setInterval(r, compare(op, numbers[0]))
		}
		return wrong
	}
}

func prepareNumberRange(r *rule, d *steps.DetectiveStep) string {
	if len(d.GetArgs()) != 2 {
		return "error: numeric match must have 2 arg"
	}
	numbers, wrong := parseArgs(d)
	if wrong == "" {
		setInterval(r, between(numbers[0], numbers[1]))
	}
	return wrong
}

func setInterval(r *rule, i interval) {
	r.set["NumberLow"], r.set["NumberHigh"] = i.low.layOut(r), i.high.layOut(r)
}
