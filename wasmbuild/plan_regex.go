package wasmbuild

import (
	"errors"
	"strconv"

	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
)

func prepareRegex(_ *rule, d *steps.DetectiveStep) string {
	if len(d.GetArgs()) != 1 {
		return "error: regex requires exactly 1 argument"
	}
	return ""
}

// compileRegex makes the tables for a step's pattern. Text that every match
// contains is looked for first, which goes 16 bytes at a time.
func compileRegex(r *rule, d *steps.DetectiveStep) error {
	p, err := pattern.Compile(d.GetArgs()[0], pattern.Rust)
	if wrong := (*pattern.Error)(nil); errors.As(err, &wrong) {
		return refuse("The regular expression %s cannot be used: %s.", shortened(d.GetArgs()[0]), wrong)
	}
	if err != nil {
		return err
	}
	if p.Literal != "" {
		r.set["Args"], r.set["ArgCount"] = r.data.Strings([]string{p.Literal}), 1
		if len(p.Literal) <= maxSoughtText {
			lookFor(r, d, "candidateText")
		}
	}
	switch {
	case p.IsLiteral && p.Literal != "":
		r.bind["match"] = "matchContainsAny"
		return nil
	case p.DFA == nil:
		r.bind["match"] = "matchRegexSim"
	case p.Literal != "" && d.GetPath() != "":
		r.bind["match"] = "matchRegexText"
	}
	r.set["Regex"] = r.data.Bytes(p.Table())
	return nil
}

// shortened quotes a pattern that may be long.
func shortened(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return strconv.Quote(text)
	}
	return strconv.Quote(string(runes[:most])) + "..."
}
