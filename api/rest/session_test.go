package rest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/auth"
)

func TestScopedTokensOverREST(t *testing.T) {
	t.Parallel()
	const root = "a root token that is long enough"
	revoked := map[string]bool{}
	a, err := auth.New(auth.Config{RootToken: root, Revoked: func(id string) bool { return revoked[id] }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := a.Signer()
	if err != nil {
		t.Fatal(err)
	}
	expires := time.Now().Add(time.Hour).Truncate(time.Second)
	viewer, about := signer.Sign(auth.Grant{Role: auth.Viewer, Expires: expires})
	sdk, _ := signer.Sign(auth.Grant{Role: auth.SDK})
	ended, endedAbout := signer.Sign(auth.Grant{Role: auth.Viewer})
	revoked[endedAbout.ID] = true
	h := newHandler(t, func(c *Config) { c.Auth = a })

	const path = "/api/v1/session"
	who := fmt.Sprintf(`{"role":"viewer","token":"%s","expires":"%s"}`, about.ID, expires.UTC().Format(time.RFC3339))
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	json := map[string]string{"Content-Type": "application/json"}
	runAll(t, h, []scenario{
		{Name: "by token", Path: path, Headers: bearer(viewer), Status: 200, Content: []string{who}},
		{Name: "log-in", Method: "POST", Path: path, Headers: json, Body: `{"token":"` + viewer + `"}`, Status: 200, Content: []string{who}, Cookie: auth.CookieName},
		{Name: "too low", Method: "DELETE", Path: "/api/v1/kv/x", Headers: bearer(viewer), Status: 403, Content: []string{"needs the role editor; yours is viewer"}},
		{Name: "an SDK reads", Path: path, Headers: bearer(sdk), Status: 403, Content: []string{"needs the role viewer; yours is sdk"}},
		{Name: "an SDK logs in", Method: "POST", Path: path, Headers: json, Body: `{"token":"` + sdk + `"}`, Status: 403, Content: []string{"this token is for an SDK"}},
		{Name: "revoked", Path: path, Headers: bearer(ended), Status: 401, Content: []string{`"message":"this token was revoked"`}},
		{Name: "revoked, log-in", Method: "POST", Path: path, Headers: json, Body: `{"token":"` + ended + `"}`, Status: 401, Content: []string{`"message":"this token was revoked"`}},
		{Name: "forged", Path: path, Headers: bearer(viewer + "x"), Status: 401, Content: []string{`"message":"unauthorized"`}},
	})
}

func TestRevocationEndsSessionsOverREST(t *testing.T) {
	t.Parallel()
	revoked := map[string]bool{}
	a, err := auth.New(auth.Config{RootToken: "a root token that is long enough", Revoked: func(id string) bool { return revoked[id] }})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := a.Signer()
	if err != nil {
		t.Fatal(err)
	}
	viewer, about := signer.Sign(auth.Grant{Role: auth.Viewer})
	h := newHandler(t, func(c *Config) { c.Auth = a })
	r := httptest.NewRequest(http.MethodPost, "http://localhost:8082/api/v1/session", strings.NewReader(`{"token":"`+viewer+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	c := w.Result().Cookies()[0]
	cookie := map[string]string{"Cookie": c.Name + "=" + c.Value}
	scenario{Path: "/api/v1/session", Headers: cookie, Status: 200}.run(t, h)
	revoked[about.ID] = true
	scenario{Path: "/api/v1/session", Headers: cookie, Status: 401, Content: []string{"this token was revoked"}}.run(t, h)
}
