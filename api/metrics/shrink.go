package metrics

import "github.com/streamdal/streamdal-server/store/catalog"

// shrink keeps the record of ended lives within bounds: it gives up detail, first that of
// pipelines and services which do not exist any more, until it fits.
func (r *record) shrink(snap *catalog.Snapshot) {
	steps := []func(series) series{
		func(s series) series {
			if s.pipeline != "" && s.pipeline != inference && snap.Pipelines[s.pipeline] == nil {
				s.pipeline = other
			}
			return s
		},
		func(s series) series {
			if s.service != "" && len(snap.AudiencesOf(s.service)) == 0 {
				return series{s.name, other, other, other, other}
			}
			return s
		},
		withoutPipeline, serviceOnly, nameOnly,
	}
	for _, step := range steps {
		if len(r.sums) <= maxSeries {
			break
		}
		r.sums = r.sums.merge(step)
	}
	used := make(map[string]bool)
	for s := range r.sums {
		used[s.pipeline] = true
	}
	for id := range r.names {
		if !used[id] {
			delete(r.names, id)
		}
	}
}

func withoutPipeline(s series) series {
	return series{s.name, s.service, s.component, s.operation, other}
}
func serviceOnly(s series) series { return series{s.name, s.service, other, other, other} }
func nameOnly(s series) series    { return series{s.name, other, other, other, other} }
