package rest

import (
	"maps"
	"net/http"
	"slices"

	"github.com/streamdal/streamdal-server/store/catalog"
)

// lockedNotifications answers with the ids of notification configs whose key this server was
// not given. The original's methods leave them out, because nothing of them can be read.
func lockedNotifications(c *catalog.Catalog) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		locked := slices.AppendSeq([]string{}, maps.Keys(c.Snapshot().Locked))
		slices.Sort(locked)
		writeJSON(w, struct {
			Locked []string `json:"locked"`
		}{locked})
	})
}

// moduleSizes answers with the size of each module in bytes, by id. GetAllWasm leaves out
// the code and with it the size.
func moduleSizes(c *catalog.Catalog) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		modules := c.Snapshot().Modules
		sizes := make(map[string]int, len(modules))
		for id, m := range modules {
			sizes[id] = len(m.GetBytes())
		}
		writeJSON(w, struct {
			Bytes map[string]int `json:"bytes"`
		}{sizes})
	})
}
