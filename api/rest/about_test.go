package rest

import (
	"testing"

	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/catalog"
)

func TestAboutModulesAndNotifications(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	h.want("GET", "/api/v1/wasm-sizes", "", 200, `{"bytes":{}}`)
	h.want("GET", "/api/v1/notifications-locked", "", 200, `{"locked":[]}`)

	_, err := h.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		tx.PutModule(&shared.WasmModule{Id: "a", Name: "own", Function: "f", Bytes: make([]byte, 3)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.want("GET", "/api/v1/wasm-sizes", "", 200, `{"bytes":{"a":3}}`)
}
