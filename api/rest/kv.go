package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const (
	// maxKVBody bounds one request that writes key-value objects.
	maxKVBody = 16 << 20
	// maxKVValue is below what SDKs take in one message; each keeps all values in memory.
	maxKVValue = 1 << 20
	// maxPage is the most objects on one page, where a page was asked for.
	maxPage = 10_000
	// keyParam names an object whose key cannot be in a path: browsers take "." and ".." for
	// steps, however they are written.
	keyParam = "key"
)

// kvRoutes read and write key-value objects. A write happens wholly or not at all.
type kvRoutes struct {
	catalog *catalog.Catalog
	now     func() time.Time
}

// kvObject is how an object is answered: the names and the zero values left out are the
// original's.
type kvObject struct {
	Key     string `json:"key,omitempty"`
	Value   []byte `json:"value,omitempty"`
	Created int64  `json:"created_at_unix_ts_nano_utc,omitempty"`
	Updated int64  `json:"updated_at_unix_ts_nano_utc,omitempty"`
}

func shown(o *pb.KVObject) kvObject {
	return kvObject{
		Key: o.GetKey(), Value: o.GetValue(),
		Created: o.GetCreatedAtUnixTsNanoUtc(), Updated: o.GetUpdatedAtUnixTsNanoUtc(),
	}
}

type message struct {
	Message string `json:"message"`
}

// list answers with all objects in the order of their keys, with those whose keys have every
// ?contains=TEXT in them, or with a page of either: ?limit=N&after=KEY, whose Link header
// leads to the next one. With ?key=KEY it answers as get does.
func (k kvRoutes) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Has(keyParam) {
		k.show(w, query.Get(keyParam))
		return
	}
	objects := k.catalog.Snapshot().KV
	keys := slices.Sorted(maps.Keys(objects))
	if texts := query["contains"]; len(texts) > 0 {
		keys = slices.DeleteFunc(keys, func(key string) bool { return !containsAll(key, texts) })
	}
	if after := query.Get("after"); after != "" {
		i, found := slices.BinarySearch(keys, after)
		if found {
			i++
		}
		keys = keys[i:]
	}
	if asked := query.Get("limit"); asked != "" {
		limit, err := strconv.Atoi(asked)
		if err != nil || limit < 1 || limit > maxPage {
			failure.Write(w, failure.New(failure.Invalid, "limit must be a number from 1 to %d", maxPage))
			return
		}
		if len(keys) > limit {
			keys = keys[:limit]
			next := url.Values{"limit": {asked}, "after": {keys[limit-1]}}
			if texts := query["contains"]; len(texts) > 0 {
				next["contains"] = texts
			}
			w.Header().Set("Link", "<"+r.URL.Path+"?"+next.Encode()+`>; rel="next"`)
		}
	}
	writeEach(w, func(yield func(kvObject) bool) {
		for _, key := range keys {
			if !yield(shown(objects[key])) {
				return
			}
		}
	})
}

// containsAll says whether all texts are in a key, without regard to case.
func containsAll(key string, texts []string) bool {
	key = strings.ToLower(key)
	return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(key, strings.ToLower(text)) })
}

// get answers with one object.
func (k kvRoutes) get(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	if key == "" {
		http.Redirect(w, r, "/api/v1/kv", http.StatusMovedPermanently)
		return
	}
	k.show(w, key)
}

func (k kvRoutes) show(w http.ResponseWriter, key string) {
	object := k.catalog.Snapshot().KV[key]
	if object == nil {
		failure.Write(w, noKV(key))
		return
	}
	writeJSON(w, shown(object))
}

// usage answers with how much there is.
func (k kvRoutes) usage(w http.ResponseWriter, _ *http.Request) {
	var total struct {
		Items int `json:"num_items"`
		Bytes int `json:"num_bytes"`
	}
	for key, object := range k.catalog.Snapshot().KV {
		total.Items++
		total.Bytes += len(key) + len(object.GetValue())
	}
	writeJSON(w, total)
}

// create writes objects that do not exist, or any with overwrite.
func (k kvRoutes) create(w http.ResponseWriter, r *http.Request) {
	req := &pb.KVCreateHTTPRequest{}
	err := readProto(r, req)
	if err == nil && len(req.GetKvs()) == 0 {
		err = failure.New(failure.Invalid, "invalid request body: field 'Kvs' cannot be empty")
	}
	if err != nil {
		failure.Write(w, err)
		return
	}
	k.write(w, r, req.GetKvs(), func(tx *catalog.Tx, o *pb.KVObject, again bool) (*pb.KVObject, error) {
		if !req.GetOverwrite() && (again || tx.Snapshot().KV[o.GetKey()] != nil) {
			return nil, failure.New(failure.Exists, "unable to complete create KV request: key '%s' already exists", o.GetKey())
		}
		o.CreatedAtUnixTsNanoUtc = k.now().UnixNano()
		return o, nil
	})
}

// update writes objects that exist.
func (k kvRoutes) update(w http.ResponseWriter, r *http.Request) {
	req := &pb.KVUpdateHTTPRequest{}
	if err := readProto(r, req); err != nil {
		failure.Write(w, err)
		return
	}
	k.write(w, r, req.GetKvs(), func(tx *catalog.Tx, o *pb.KVObject, _ bool) (*pb.KVObject, error) {
		old := tx.Snapshot().KV[o.GetKey()]
		if old == nil {
			return nil, noKV(o.GetKey())
		}
		o.CreatedAtUnixTsNanoUtc = old.GetCreatedAtUnixTsNanoUtc()
		o.UpdatedAtUnixTsNanoUtc = k.now().UnixNano()
		return o, nil
	})
}

// write checks objects and stages what decide makes of each, which may be called again for
// a newer picture. again is set when an earlier object of the request has the same key; the
// last one counts.
func (k kvRoutes) write(w http.ResponseWriter, r *http.Request, objects []*pb.KVObject,
	decide func(tx *catalog.Tx, o *pb.KVObject, again bool) (*pb.KVObject, error),
) {
	for _, o := range objects {
		if err := checkKV(o); err != nil {
			failure.Write(w, err)
			return
		}
	}
	written := make([]kvObject, len(objects))
	_, err := k.catalog.Update(r.Context(), func(tx *catalog.Tx) error {
		seen := make(map[string]bool, len(objects))
		for i, o := range objects {
			next, err := decide(tx, proto.CloneOf(o), seen[o.GetKey()])
			if err != nil {
				return err
			}
			seen[o.GetKey()] = true
			tx.PutKV(next)
			written[i] = shown(next)
		}
		return nil
	})
	if err != nil {
		failure.Write(w, err)
		return
	}
	writeJSON(w, written)
}

// remove deletes one object.
func (k kvRoutes) remove(w http.ResponseWriter, r *http.Request) {
	k.drop(w, r, r.PathValue("key"))
}

func (k kvRoutes) drop(w http.ResponseWriter, r *http.Request, key string) {
	k.change(r.Context(), w, "kv deleted", func(tx *catalog.Tx) error {
		if tx.Snapshot().KV[key] == nil {
			return noKV(key)
		}
		tx.DeleteKV(key)
		return nil
	})
}

// clear deletes all objects, for who says please; with ?key=KEY only that one.
func (k kvRoutes) clear(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); query.Has(keyParam) {
		k.drop(w, r, query.Get(keyParam))
		return
	}
	if r.URL.Query().Get("yes") != "please" {
		failure.Write(w, failure.New(failure.Invalid, "please pass ?yes=please to confirm you want to delete all kv objects"))
		return
	}
	const done = "deletion request issued; please wait a few seconds for the change to propagate"
	k.change(r.Context(), w, done, func(tx *catalog.Tx) error {
		for key := range tx.Snapshot().KV {
			tx.DeleteKV(key)
		}
		return nil
	})
}

func (k kvRoutes) change(ctx context.Context, w http.ResponseWriter, done string, fn func(*catalog.Tx) error) {
	if _, err := k.catalog.Update(ctx, fn); err != nil {
		failure.Write(w, err)
		return
	}
	writeJSON(w, message{done})
}

func noKV(key string) error { return failure.New(failure.NotFound, "kv with key '%s' not found", key) }

func checkKV(o *pb.KVObject) error {
	const prefix = "invalid request body: KVObject validation failed for key '%s': "
	switch key := o.GetKey(); {
	case key == "":
		return failure.New(failure.Invalid, prefix+"field 'Key' cannot be empty", key)
	case len(key) > store.MaxIDBytes:
		return failure.New(failure.Invalid, prefix+"field 'Key' has %d bytes, at most %d are allowed", key[:64]+"...", len(key), store.MaxIDBytes)
	case len(o.GetValue()) == 0:
		return failure.New(failure.Invalid, prefix+"field 'Value' cannot be nil", key)
	case len(o.GetValue()) > maxKVValue:
		return failure.New(failure.Invalid, prefix+"field 'Value' has %d bytes, at most %d are allowed", key, len(o.GetValue()), maxKVValue)
	default:
		return nil
	}
}

// readProto reads a message as proto-JSON. Whoever may write sends a token or comes from
// our own pages, so any content type is fine, as it was.
func readProto(r *http.Request, into proto.Message) error {
	body, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return failure.New(failure.TooLarge, "the body is larger than %d bytes; send it in parts", large.Limit)
	case err != nil:
		return failure.New(failure.Invalid, "unable to read request body: %v", err)
	}
	if err := protojson.Unmarshal(body, into); err != nil {
		return failure.New(failure.Invalid, "unable to unmarshal request body: %v", err)
	}
	return nil
}

// writeEach answers with a JSON array that is never in memory as a whole.
func writeEach(w http.ResponseWriter, each func(yield func(kvObject) bool)) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	separator := "["
	for o := range each {
		text, err := json.Marshal(o)
		if err != nil {
			return // bytes, numbers and a string always have a text
		}
		if _, err := io.WriteString(w, separator); err != nil {
			return
		}
		if _, err := w.Write(text); err != nil {
			return // the caller is gone
		}
		separator = ","
	}
	if separator == "[" {
		_, _ = io.WriteString(w, "[") // the caller may be gone
	}
	_, _ = io.WriteString(w, "]\n")
}
