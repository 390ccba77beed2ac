package rest

import (
	"bytes"
	"encoding/json"
	"net/http"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// config answers with everything that people made, in the shape in which the original lets
// them download it. It holds secrets.
func config(export func() *pb.Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := configJSON(export())
		if err != nil {
			failure.Write(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text) // the caller may be gone
	})
}

// configJSON is the proto-JSON of a config without modules and without what says nothing.
func configJSON(c *pb.Config) ([]byte, error) {
	c.WasmModules = nil
	text, err := protojson.Marshal(c)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	clean(tree)
	return json.Marshal(tree)
}

// clean removes empty texts, lists and objects, and what is false. The ids of modules stay
// only where they name what somebody uploaded.
func clean(object map[string]any) {
	if _, custom := object["custom"]; !custom {
		delete(object, "WasmId")
		delete(object, "WasmFunction")
	}
	for name, value := range object {
		if cleaned := cleanValue(value); !says(cleaned) && !stepKinds[name] {
			delete(object, name)
		} else {
			object[name] = cleaned
		}
	}
}

func cleanValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clean(v)
	case []any:
		kept := v[:0]
		for _, element := range v {
			if element = cleanValue(element); says(element) {
				kept = append(kept, element)
			}
		}
		return kept
	}
	return value
}

// says reports whether a value says anything.
func says(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	default:
		return true
	}
}

// stepKinds are the members that say what a step is. They do so even when they are empty: a
// step without one could not be imported again.
var stepKinds = func() map[string]bool {
	names := map[string]bool{}
	members := (&pb.PipelineStep{}).ProtoReflect().Descriptor().Oneofs().ByName("step").Fields()
	for i := range members.Len() {
		names[members.Get(i).JSONName()] = true
	}
	return names
}()
