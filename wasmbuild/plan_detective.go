package wasmbuild

import (
	"fmt"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// detector says how the kernel does one detective type.
type detector struct {
	match string // the kernel's matcher
	// prepare checks the arguments and adds what the matcher needs to the rule. It
	// returns what the step is to say of any value when the arguments are wrong.
	prepare func(r *rule, step *steps.DetectiveStep) (wrong string)
	// compile comes after prepare if nothing was wrong. It may refuse the step.
	compile func(r *rule, step *steps.DetectiveStep) error
	missed  string // what answers for a single value that does not match, if not missPlain
	sparse  string // what finds the bytes that every match contains, if there are such bytes
	whole   bool   // arrays are values too, instead of standing for their elements
}

// planDetective fills r for a detective step.
func planDetective(r *rule, step *pb.PipelineStep, _ pb.PipelineDataFormat) error {
	d := step.GetDetective()
	t := d.GetType()
	if t == steps.DetectiveType_DETECTIVE_TYPE_UNKNOWN {
		return refuse("Step %q does not say what to detect; choose a detective type.", step.GetName())
	}
	r.set["MatchType"] = uint32(t)
	if d.GetNegate() {
		r.set["Negate"] = 1
	}
	if t == steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD {
		r.entry = "hasField"
		return planDetectivePath(r, d)
	}
	switch t {
	case steps.DetectiveType_DETECTIVE_TYPE_PII_KEYWORD:
		return planKeyword(r, d)
	case steps.DetectiveType_DETECTIVE_TYPE_PII_PLAINTEXT_ANY:
		return planPlaintext(r, d)
	}
	how, ok := detectorOf(t)
	if !ok {
		return refuse("Detective type %s is not supported by this release; remove the step or choose another type.", t)
	}
	if err := planMatcher(r, d, how); err != nil {
		return err
	}
	if d.GetPath() == "" {
		r.entry = "detectScan"
		return nil
	}
	r.entry = "detectPath"
	return planDetectivePath(r, d)
}

// detectorOf looks a type up in the tables, which have one subject each.
func detectorOf(t steps.DetectiveType) (how detector, ok bool) {
	for _, table := range []map[steps.DetectiveType]detector{detectors, formatDetectors, piiDetectors} {
		if how, ok = table[t]; ok {
			return how, true
		}
	}
	return detector{}, false
}

// planMatcher binds the type's matcher.
func planMatcher(r *rule, d *steps.DetectiveStep, how detector) error {
	r.bind["match"], r.bind["missed"] = how.match, "missPlain"
	r.bind["worthScanning"], r.bind["visit"] = "scanAlways", "scanAll"
	if how.missed != "" {
		r.bind["missed"] = how.missed
	}
	if how.sparse != "" {
		lookFor(r, d, how.sparse)
	}
	if !how.whole {
		r.set["OpenArrays"] = 1
	}
	wrong := ""
	if how.prepare != nil {
		wrong = how.prepare(r, d)
	}
	if wrong != "" {
		r.bind["match"], r.bind["missed"], r.bind["worthScanning"] = "matchNever", "missError", "scanNever"
		r.set["Negate"] = 0
		setText(r, "BadMatch", wrong)
		return nil
	}
	if how.compile != nil {
		return how.compile(r, d)
	}
	return nil
}

// lookFor lets a scan visit only leaves with a candidate: what every match contains.
func lookFor(r *rule, d *steps.DetectiveStep, candidate string) {
	if !d.GetNegate() {
		r.bind["worthScanning"], r.bind["visit"], r.bind["candidate"] = "scanForCandidate", "scanSparse", candidate
	}
}

// planDetectivePath adds the step's path and what is said about it.
func planDetectivePath(r *rule, d *steps.DetectiveStep) error {
	setText(r, "NotFound", fmt.Sprintf("error: path '%s' not found in data", d.GetPath()))
	setText(r, "PathText", d.GetPath()) // lies within the other one
	return planPath(r, d.GetPath())
}

// setText makes s the constant of the kernel's variables name and nameLen.
func setText(r *rule, name, s string) {
	r.set[name] = r.data.Text(s)
	r.set[name+"Len"] = uint32(len(s))
}
