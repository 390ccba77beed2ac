package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/seal"
)

// kvHouse is the key-value routes over a real store.
type kvHouse struct {
	t       *testing.T
	handler http.Handler
	catalog *catalog.Catalog
	db      *bolt.DB
}

// kvTime is when everything happens.
var kvTime = time.Unix(0, 1_795_397_356_587_818_355)

func newKV(t *testing.T) *kvHouse {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c, err := catalog.Open(t.Context(), db, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	return &kvHouse{t: t, catalog: c, db: db, handler: newHandler(t, func(config *Config) {
		config.Catalog, config.Now = c, func() time.Time { return kvTime }
	})}
}

// do returns the answer to a request of an admin.
func (h *kvHouse) do(method, path, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+rootToken)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func (h *kvHouse) want(method, path, body string, status int, answer string) {
	h.t.Helper()
	w := h.do(method, path, body)
	if w.Code != status || w.Header().Get("Content-Type") != "application/json" {
		h.t.Errorf("%s %s: got %d %s, want %d and JSON", method, path, w.Code, w.Header().Get("Content-Type"), status)
	}
	if got := strings.TrimSuffix(w.Body.String(), "\n"); got != answer {
		h.t.Errorf("%s %s: got %s, want %s", method, path, got, answer)
	}
}

// refused is the body of an error.
func refused(code, text, hint string) string {
	body, err := json.Marshal(struct {
		Message string `json:"message"`
		Code    string `json:"code"`
		Hint    string `json:"hint,omitempty"`
	}{text, code, hint})
	if err != nil {
		panic(err)
	}
	return string(body)
}

const now = `"created_at_unix_ts_nano_utc":1795397356587818355`

func TestKV_9_2_15(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	const path, hi = "/api/v1/kv", `{"key":"a","value":"aGk=",` + now + `}`
	h.want("GET", path, "", 200, "[]")
	h.want("GET", "/api/v1/kv-usage", "", 200, `{"num_items":0,"num_bytes":0}`)
	h.want("DELETE", path+"?yes=please", "", 200, `{"message":"deletion request issued; please wait a few seconds for the change to propagate"}`) // 9.2.15: was 500
	h.want("POST", path, `{"kvs":[{"key":"a","value":"aGk="}]}`, 200, "["+hi+"]")
	h.want("GET", path+"/a", "", 200, hi)
	h.want("GET", path, "", 200, "["+hi+"]")
	h.want("GET", path+"/b", "", 404, refused("not_found", "kv with key 'b' not found", "")) // 9.2.15: was 500
	h.want("POST", path, `{"kvs":[{"key":"b","value":"eA=="},{"key":"a","value":"eA=="}]}`, 409, refused("already_exists", "unable to complete create KV request: key 'a' already exists", ""))
	h.want("GET", path+"/b", "", 404, refused("not_found", "kv with key 'b' not found", "")) // nothing of a failed request is stored
	h.want("POST", path, `{"kvs":[{"key":"a","value":"eA=="}],"overwrite":true}`, 200, `[{"key":"a","value":"eA==",`+now+`}]`)
	h.want("PUT", path, `{"kvs":[{"key":"a","value":"//79AA==","createdAtUnixTsNanoUtc":"5"}]}`, 200,
		`[{"key":"a","value":"//79AA==",`+now+`,"updated_at_unix_ts_nano_utc":1795397356587818355}]`)
	h.want("PUT", path, `{"kvs":[{"key":"a","value":"eA=="},{"key":"b","value":"eA=="}]}`, 404, refused("not_found", "kv with key 'b' not found", ""))
	h.want("GET", path+"/a", "", 200, `{"key":"a","value":"//79AA==",`+now+`,"updated_at_unix_ts_nano_utc":1795397356587818355}`)
	h.want("PUT", path, `{"kvs":[]}`, 200, "[]")
	h.want("GET", "/api/v1/kv-usage", "", 200, `{"num_items":1,"num_bytes":5}`)
	h.want("DELETE", path, "", 400, refused("invalid", "please pass ?yes=please to confirm you want to delete all kv objects", ""))
	h.want("DELETE", path+"/b", "", 404, refused("not_found", "kv with key 'b' not found", ""))
	h.want("DELETE", path+"/a", "", 200, `{"message":"kv deleted"}`)
	h.want("GET", path, "", 200, "[]")
	h.want("POST", path, `{"kvs":[{"key":"a","value":"eA=="},{"key":"b","value":"eA=="}]}`, 200,
		`[{"key":"a","value":"eA==",`+now+`},{"key":"b","value":"eA==",`+now+`}]`)
	h.want("DELETE", path+"?yes=please", "", 200, `{"message":"deletion request issued; please wait a few seconds for the change to propagate"}`)
	h.want("GET", path, "", 200, "[]")
}

func TestKVBadBodies_9_5_9(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	const prefix = "invalid request body: KVObject validation failed for key "
	for body, want := range map[string]string{
		`{}`:                               "invalid request body: field 'Kvs' cannot be empty",
		`{"kvs":[{"value":"eA=="}]}`:       prefix + "'': field 'Key' cannot be empty",
		`{"kvs":[{"key":"a"}]}`:            prefix + "'a': field 'Value' cannot be nil",
		`{"kvs":[{"key":"a","value":""}]}`: prefix + "'a': field 'Value' cannot be nil",
		`{"kvs":[{"key":"` + strings.Repeat("x", 5000) + `","value":"eA=="}]}`:    prefix + "'" + strings.Repeat("x", 64) + "...': field 'Key' has 5000 bytes, at most 4096 are allowed",
		`{"kvs":[{"key":"a","value":"` + strings.Repeat("AAAA", 400_000) + `"}]}`: prefix + "'a': field 'Value' has 1200000 bytes, at most 1048576 are allowed",
		`{"kvs":[{"key":"a","value":"eA=="},{"key":"a","value":"eQ=="}]}`:         "unable to complete create KV request: key 'a' already exists",
	} {
		w := h.do("POST", "/api/v1/kv", body)
		var got struct{ Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Message != want || w.Code != 400 && w.Code != 409 {
			t.Errorf("%.60s: got %d %s, want %s", body, w.Code, w.Body, want)
		}
	}
	for _, body := range []string{"", "[]", `[{"key":"a","value":"eA=="}]`, `{"kvs":[{"key":"a","value":"eA=="}],"more":1}`, `{"kvs":[{"key":"a","value":"%%"}]}`, "\xff"} {
		for _, method := range []string{"POST", "PUT"} {
			if w := h.do(method, "/api/v1/kv", body); w.Code != 400 || !strings.Contains(w.Body.String(), "unable to unmarshal request body") {
				t.Errorf("%s %q: got %d %s, want 400", method, body, w.Code, w.Body)
			}
		}
	}
	if w := h.do("POST", "/api/v1/kv", `{"kvs":"`+strings.Repeat(" ", maxKVBody)); w.Code != 413 {
		t.Errorf("too large: got %d %.100s, want 413", w.Code, w.Body)
	}
	h.want("GET", "/api/v1/kv", "", 200, "[]")
}

// Keys may be anything, and come back as they are, in paths and in messages (9.2.15).
func TestKVKeys_9_4_6(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	for _, key := range []string{
		"a/b", "/", "//x//", "a%2Fb", "100%", "%d %s %n", "ü ∑", "a b+c", "?x=1#y", ".", "..", "a/../b", "Case", "case", "\x00\n\"'<&>", "kv-usage", "'", strings.Repeat("k", 4096),
	} {
		quoted, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		path := "/api/v1/kv/" + strings.ReplaceAll(url.PathEscape(key), ".", "%2E")
		missing := refused("not_found", "kv with key '"+key+"' not found", "")
		h.want("GET", path, "", 404, missing)
		h.want("DELETE", path, "", 404, missing)
		h.want("POST", "/api/v1/kv", `{"kvs":[{"key":`+string(quoted)+`,"value":"eA=="}]}`, 200, `[{"key":`+string(quoted)+`,"value":"eA==",`+now+`}]`)
		h.want("GET", path, "", 200, `{"key":`+string(quoted)+`,"value":"eA==",`+now+`}`)
		h.want("GET", "/api/v1/kv?key="+url.QueryEscape(key), "", 200, `{"key":`+string(quoted)+`,"value":"eA==",`+now+`}`)
		if !strings.HasPrefix(key, "/") && !strings.Contains(key, "//") && !strings.HasPrefix(key, ".") && !strings.Contains(key, "/.") {
			h.want("GET", strings.ReplaceAll(path, "%2F", "/"), "", 200, `{"key":`+string(quoted)+`,"value":"eA==",`+now+`}`)
		}
		h.want("DELETE", path, "", 200, `{"message":"kv deleted"}`)
	}
	h.want("DELETE", "/api/v1/kv/", "", 404, refused("not_found", "kv with key '' not found", ""))
}

// A key in the query is one object, whatever else is asked for.
func TestKVKeyInQuery(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	h.do("POST", "/api/v1/kv", `{"kvs":[{"key":".","value":"eA=="},{"key":"..","value":"eA=="}]}`)
	h.want("DELETE", "/api/v1/kv?key=..&yes=please", "", 200, `{"message":"kv deleted"}`)
	h.want("DELETE", "/api/v1/kv?key=&yes=please", "", 404, refused("not_found", "kv with key '' not found", ""))
	h.want("GET", "/api/v1/kv?key=..", "", 404, refused("not_found", "kv with key '..' not found", ""))
	h.want("GET", "/api/v1/kv?limit=0&key=.", "", 200, `{"key":".","value":"eA==",`+now+`}`)
}

func TestKVPages(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	var objects, all []string
	for i := range 7 {
		key := fmt.Sprintf("k/%d&", i)
		all = append(all, key)
		objects = append(objects, `{"key":"`+key+`","value":"eA=="}`)
	}
	h.do("POST", "/api/v1/kv", `{"kvs":[`+strings.Join(objects, ",")+`]}`)
	keys := func(path string) (list []string, next string) {
		w := h.do("GET", path, "")
		var page []struct{ Key string }
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
			t.Fatalf("%s: got %d %s", path, w.Code, w.Body)
		}
		for _, o := range page {
			list = append(list, o.Key)
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(w.Header().Get("Link"), "<"), ">")
		return list, next
	}
	if got, next := keys("/api/v1/kv"); cmp.Diff(all, got) != "" || next != "" {
		t.Errorf("got %v, next %q, want all", got, next)
	}
	if got, _ := keys("/api/v1/kv?contains=K%2F5&contains=%26"); cmp.Diff([]string{"k/5&"}, got) != "" {
		t.Errorf("got %v with k/5 and &", got)
	}
	if got, next := keys("/api/v1/kv?limit=2&contains=%26&after=k%2F1%26"); cmp.Diff(all[2:4], got) != "" || next != "/api/v1/kv?after=k%2F3%26&contains=%26&limit=2" {
		t.Errorf("got %v with &, next %q", got, next)
	}
	var got []string
	pages := 0
	for next := "/api/v1/kv?limit=3"; next != ""; pages++ {
		var page []string
		page, next = keys(next)
		got = append(got, page...)
	}
	if diff := cmp.Diff(all, got); diff != "" || pages != 3 {
		t.Errorf("%d pages:\n%s", pages, diff)
	}
	if got, _ := keys("/api/v1/kv?after=" + url.QueryEscape("k/5")); cmp.Diff([]string{"k/5&", "k/6&"}, got) != "" {
		t.Errorf("after a key that is not there: got %v", got)
	}
	for _, limit := range []string{"0", "-1", "x", "10001", "99999999999999999999"} {
		h.want("GET", "/api/v1/kv?limit="+limit, "", 400, refused("invalid", "limit must be a number from 1 to 10000", ""))
	}
}

// Of writers of the same new key exactly one wins.
func TestKVRace(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	var writers sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for i := range 20 {
		writers.Go(func() {
			w := h.do("POST", "/api/v1/kv", fmt.Sprintf(`{"kvs":[{"key":"own-%d","value":"eA=="},{"key":"same","value":"eA=="}]}`, i))
			mu.Lock()
			defer mu.Unlock()
			codes[w.Code]++
		})
	}
	writers.Wait()
	if codes[200] != 1 || codes[409] != 19 {
		t.Errorf("got %v, want one success and 19 conflicts", codes)
	}
	if n := len(h.catalog.Snapshot().KV); n != 2 {
		t.Errorf("%d objects are stored, want those of the one", n)
	}
}

// A store that fails is named in general terms only.
func TestKVWithoutStore(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	if err := h.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ method, path, body string }{
		{"POST", "/api/v1/kv", `{"kvs":[{"key":"a","value":"eA=="}]}`},
		{"DELETE", "/api/v1/kv/a", ""},
		{"DELETE", "/api/v1/kv?yes=please", ""},
	} {
		w := h.do(r.method, r.path, r.body)
		if w.Code != 503 || !strings.Contains(w.Body.String(), "the store cannot be reached") {
			t.Errorf("%s %s: got %d %s, want 503", r.method, r.path, w.Code, w.Body)
		}
	}
	h.want("GET", "/api/v1/kv", "", 200, "[]")
}

func TestDropLockedNotification(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	value := string(seal.KeepOriginal([]byte("sealed by the original with a key that is lost")))
	_, err := h.db.Apply(t.Context(), store.Change{Ops: []store.Op{{
		Key: store.Key{Kind: store.KindNotification, ID: "n"}, Value: []byte(value),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/api/v1/notifications/n"
	h.want("DELETE", path, "", 400, refused("invalid", "please pass ?lost-key=yes to confirm that the key of this notification config is lost for good", ""))
	h.want("DELETE", path+"?lost-key=yes", "", 200, `{"message":"locked notification config deleted"}`)
	h.want("DELETE", path+"?lost-key=yes", "", 400, refused("invalid", "notification config 'n' is not locked; use DeleteNotification", ""))
}

// Nobody reads or writes without a role.
func TestDataRoutesNeedCredentials(t *testing.T) {
	t.Parallel()
	h := newKV(t)
	cookie := logIn(t, h.handler)
	for _, path := range []string{"/api/v1/kv", "/api/v1/kv/a", "/api/v1/kv-usage", "/api/v1/config"} {
		scenario{Path: path, Status: 401, Content: []string{`"message":"unauthorized"`}}.run(t, h.handler)
	}
	for _, s := range []scenario{
		{Method: "POST", Path: "/api/v1/notifications/n/test", Status: 401},
		{Method: "DELETE", Path: "/api/v1/kv?yes=please", Status: 401},
		{Method: "DELETE", Path: "/api/v1/kv?yes=please", Headers: map[string]string{"Cookie": cookie}, Status: 403},
		{Method: "DELETE", Path: "/api/v1/kv?yes=please", Headers: map[string]string{"Cookie": cookie, "Origin": "http://evil.example"}, Status: 403},
		{Method: "DELETE", Path: "/api/v1/kv?yes=please", Headers: map[string]string{"Cookie": cookie, "Origin": "http://localhost:8082"}, Status: 200},
		{Method: "PATCH", Path: "/api/v1/kv/a/b", Status: 405, WantHeaders: map[string]string{"Allow": "DELETE, GET, HEAD"}},
		{Method: "POST", Path: "/api/v1/config", Status: 405, WantHeaders: map[string]string{"Allow": "GET, HEAD"}},
		{Path: "/api/v1/kv/", Headers: map[string]string{"Cookie": cookie}, Status: 301, WantHeaders: map[string]string{"Location": "/api/v1/kv"}},
	} {
		s.run(t, h.handler)
	}
}
