package wasmbuild

import (
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/keywords"
)

// planKeyword fills r for a detective that looks at what members are called.
func planKeyword(r *rule, d *steps.DetectiveStep) error {
	setKeywords(r, d)
	r.bind["reportName"], r.bind["visitNames"] = "reportMember", "scanNames"
	if !d.GetNegate() && !thorough(d) {
		r.bind["visitNames"] = "scanNamesSparse"
	}
	if d.GetPath() == "" {
		r.entry = "detectKeywords"
		return nil
	}
	r.entry = "detectKeywordsBelow"
	path, err := parsePath(d.GetPath())
	if err != nil {
		return err
	}
	if names := pathNames(path); len(names) > 0 {
		setKeywordPath(r, names, thorough(d))
	}
	return planDetectivePath(r, d)
}

// thorough says whether keywords count within names too.
func thorough(d *steps.DetectiveStep) bool {
	return d.GetPiiKeywordMode() == steps.DetectiveTypePIIKeywordMode_DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY
}

// setKeywords adds what the kernel needs to know about names.
func setKeywords(r *rule, d *steps.DetectiveStep) {
	t := keywords.Lay(r.data, thorough(d))
	r.set["KeywordLetters"], r.set["KeywordShifts"], r.set["KeywordSlots"] = t.Letters, t.Shifts, t.Slots
	r.set["KeywordNames"], r.set["KeywordEntities"] = t.Names, t.Entities
	r.set["KeywordNumeric"], r.set["KeywordNumericCount"] = t.Numeric, t.NumericCount
	r.bind["entityOf"], r.bind["enterNamed"] = "entityQuick", "enterAny"
	if thorough(d) {
		r.bind["entityOf"], r.bind["enterNamed"] = "entityThorough", "enterThorough"
		r.set["KeywordGroups"], r.set["KeywordInside"], r.set["KeywordThorough"] = t.Groups, t.Inside, 1
	}
}

// setKeywordPath says what the members at and below the rule's path lie in.
func setKeywordPath(r *rule, names []string, thorough bool) {
	setText(r, "KeywordPrefix", keywords.Prefix(names))
	if thorough {
		r.set["KeywordRank"] = keywords.Rank(names)
	}
	parents, name := names[:len(names)-1], names[len(names)-1]
	if entity := keywords.Find(parents, name, thorough); entity != "" {
		i, _ := keywords.EntityIndex(entity)
		r.set["KeywordAt"] = i + 1
	}
}

// pathNames is what the members that a path leads through are called, with # for
// elements; nil if the path does not say. Where a part may be a key or an index,
// it is taken for an index.
func pathNames(path []pathStep) []string {
	var names []string
	for _, s := range path {
		switch {
		case s.op == opKey && s.index == noIndex:
			names = append(names, s.text)
		case s.op == opKey:
			names = append(names, keywords.Index)
		default:
			return nil
		}
	}
	return names
}
