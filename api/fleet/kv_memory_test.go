package fleet_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// Key-value pairs may change many times a second for as long as the process runs: what was
// sent to everybody is forgotten.
func TestOldKeyValuePairsAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	c := w.register(hello("go-sdk", "svc"))
	var old []weak.Pointer[pb.KVObject]
	for i := range byte(20) {
		w.update(func(tx *catalog.Tx) { tx.PutKV(&pb.KVObject{Key: "k", Value: []byte{i}}) })
		old = append(old, weak.Make(w.catalog.Snapshot().KV["k"]))
		c.eventually("the pair", func() bool {
			if len(c.commands) == 0 {
				return false
			}
			last := c.commands[len(c.commands)-1].GetKv().GetInstructions()
			return len(last) == 1 && last[0].GetObject().GetValue()[0] == i
		})
	}
	eventually(t, "old pairs are forgotten", func() bool {
		runtime.GC()
		held := 0
		for _, p := range old {
			if p.Value() != nil {
				held++
			}
		}
		return held <= 3
	})
}
