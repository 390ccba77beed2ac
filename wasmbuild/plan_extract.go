package wasmbuild

import (
	"slices"

	"github.com/streamdal/streamdal-server/api/pb"
)

// planExtract fills r for a transform step that extracts.
func planExtract(r *rule, step *pb.PipelineStep, plain bool) error {
	options := step.GetTransform().GetExtractOptions()
	texts := options.GetPaths()
	if old := step.GetTransform().GetPath(); old != "" && step.GetTransform().GetOptions() == nil { //nolint:staticcheck // steps of old have no options
		texts = []string{old}
	}
	if err := checkPaths(texts); err != nil {
		return err
	}
	r.bind["beginStep"], r.bind["countTargets"], r.bind["reap"] = "begin", "countPaths", "reapPaths"
	if step.GetDynamic() {
		r.bind["beginStep"], r.bind["countTargets"], r.bind["reap"], r.bind["hit"] = "beginKeep", "countMatches", "reapMatches", "hitNode"
	} else {
		r.set["Static"] = 1
	}
	r.set["PlaceCount"] = uint32(len(texts))
	if plain {
		r.entry = "extractPlain"
		return nil
	}
	r.entry = "extract"
	if options.GetFlatten() {
		r.set["Flatten"] = 1
	}
	return planReap(r, texts, options.GetFlatten())
}

// planReap puts the paths into the rule. Where one of them leads to several
// places, all are followed place by place, so that what they share is known.
func planReap(r *rule, texts []string, flat bool) error {
	var table []uint32
	var paths [][]pathStep
	spread := false
	for _, text := range texts {
		path, err := parsePath(text)
		if err == nil {
			err = checkWildcards(text, path)
		}
		if err != nil {
			return err
		}
		paths = append(paths, path)
		spread = spread || spreads(path, flat)
	}
	bindRare(r, paths...)
	r.bind["lookUp"], r.bind["spread"] = "lookUpKeys", "spreadNone"
	for _, path := range paths {
		if spread && hasPlaces(path) && (!flat || spreads(path, flat)) {
			r.bind["spread"] = "spreadAll"
			table = append(table, layOutPath(r, withNames(path)), 0, 0)
			continue
		}
		if finder(path) != "findKeys" {
			r.bind["lookUp"] = "lookUpAny"
		}
		names := memberNames(path)
		if len(names) == 0 { // the path .. alone
			names = []string{""}
		}
		if flat {
			names = names[len(names)-1:]
		}
		var list []uint32
		for _, name := range names {
			list = append(list, r.data.String(name), uint32(len(name)))
		}
		table = append(table, layOutPath(r, path), r.data.U32(list...), uint32(len(names)))
	}
	r.set["Places"] = r.data.U32(table...)
	return nil
}

// spreads says whether the path leads to several places which are members of
// their own. When flattening, only keys that are not known beforehand are.
func spreads(path []pathStep, flat bool) bool {
	return hasPlaces(path) && (wildcards(path) > 0 || !flat && slices.ContainsFunc(path, func(s pathStep) bool {
		return s.op == opEach || s.op == opAll || s.op == opCount
	}))
}

// hasPlaces says whether the path leads to places of the payload and makes no new value.
func hasPlaces(path []pathStep) bool {
	for i, s := range path {
		switch s.op {
		case opKey, opPattern, opFirst:
		case opCount, opEach, opAll:
			if i+1 < len(path) || !hasPlaces(s.rest) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// withNames is the path with the names that members get where the kernel cannot know them.
func withNames(path []pathStep) []pathStep {
	path = slices.Clone(path)
	for i := range path {
		path[i].rest = withNames(path[i].rest)
		if path[i].op == opFirst {
			path[i].text = path[i].source
		}
	}
	return path
}

// memberNames are the names of the members to which the path leads, one within
// the other. What follows a pipe is part of the name before.
func memberNames(path []pathStep) []string {
	var names []string
	for _, s := range path {
		name := s.source
		switch s.op {
		case opLines:
			continue
		case opKey:
			name = s.text
		}
		if s.piped && len(names) > 0 {
			names[len(names)-1] += "|" + name
		} else {
			names = append(names, name)
		}
		names = append(names, memberNames(s.rest)...)
	}
	return names
}
