package auth

import (
	"errors"
	"net/http/httptest"
	"testing"
)

func TestIdentifyOfREST(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	cookie, _ := a.newSession(Caller{Role: Viewer}, false)
	for _, tt := range []struct {
		name, method, bearer, origin string
		cookie                       bool
		want                         Role
		err                          error
	}{
		{"nothing", "GET", "", "", false, nobody, errUnauthorized},
		{"token", "DELETE", "Bearer " + rootToken, "", false, Admin, nil},
		{"token from any origin", "DELETE", "Bearer " + rootToken, "http://evil.example", false, Admin, nil},
		{"wrong token beside a session", "GET", "Bearer x", "", true, nobody, errUnauthorized},
		{"session reads", "GET", "", "", true, Viewer, nil},
		{"session changes", "DELETE", "", "http://localhost:8082", true, Viewer, nil},
		{"session changes without an origin", "DELETE", "", "", true, nobody, errForeign},
		{"session changes from another site", "POST", "", "http://evil.example", true, nobody, errForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, "http://localhost:8082/api/v1/session", nil)
			if tt.bearer != "" {
				r.Header.Set("Authorization", tt.bearer)
			}
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			if tt.cookie {
				r.AddCookie(cookie)
			}
			who, err := a.identify(r)
			if who.Role != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %v, %v, want %v, %v", who, err, tt.want, tt.err)
			}
		})
	}
}
