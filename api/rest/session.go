package rest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
)

// sessionRoutes log browsers in and out.
type sessionRoutes struct{ auth *auth.Auth }

// whoami is what the Console needs to know about its viewer.
type whoami struct {
	Role    string     `json:"role"`
	Token   string     `json:"token,omitempty"`   // the id of the scoped token, absent for the root token
	Expires *time.Time `json:"expires,omitempty"` // when the session or the token ends
}

func whoamiOf(c auth.Caller) whoami {
	w := whoami{Role: c.Role.String(), Token: c.Token}
	if !c.Expires.IsZero() {
		at := c.Expires.UTC()
		w.Expires = &at
	}
	return w
}

// create takes {"token": ...} or {"code": ...} and answers with the cookie of a session.
func (s sessionRoutes) create(w http.ResponseWriter, r *http.Request) {
	var credentials struct {
		Token string `json:"token"`
		Code  string `json:"code"`
	}
	if err := readJSON(r, &credentials); err != nil {
		failure.Write(w, err)
		return
	}
	cookie, who, err := s.auth.LogIn(r, credentials.Token, credentials.Code)
	if err != nil {
		failure.Write(w, err)
		return
	}
	http.SetCookie(w, cookie)
	writeJSON(w, whoamiOf(who))
}

func (s sessionRoutes) show(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, whoamiOf(auth.CallerOf(r.Context())))
}

func (s sessionRoutes) end(w http.ResponseWriter, r *http.Request) {
	cookie, err := s.auth.LogOut(r)
	if err != nil {
		failure.Write(w, err)
		return
	}
	http.SetCookie(w, cookie)
	w.WriteHeader(http.StatusNoContent)
}

// readJSON reads exactly one JSON value. A form of another site cannot send the content
// type, so it must be there.
func readJSON(r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return failure.New(failure.Invalid, "send JSON with Content-Type: application/json")
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return nil
		}
		err = errTrailing
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failure.New(failure.TooLarge, "the body is larger than %d bytes", large.Limit)
	}
	return failure.New(failure.Invalid, "the body is not the JSON expected here: %v", err)
}

var errTrailing = errors.New("something follows it")
