package auth

import (
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	grpccodes "google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
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

// Calls that come as HTTP requests are judged as native ones, before they say more.
func TestAdmit(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	cookie, _, err := a.LogIn(httptest.NewRequest(http.MethodPost, "http://host/api/v1/session", nil), rootToken, "")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]string{"Cookie": cookie.Name + "=" + cookie.Value, "X-Grpc-Web": "1", "Origin": "http://host"}
	foreign := maps.Clone(own)
	foreign["Origin"] = "http://evil"
	for _, tt := range []struct {
		name, method string
		headers      map[string]string
		limit        int64
		code         grpccodes.Code
	}{
		{"open", healthpb.Health_Check_FullMethodName, nil, openBody, grpccodes.OK},
		{"nothing", pb.External_GetAll_FullMethodName, nil, 0, grpccodes.Unauthenticated},
		{"token", pb.External_GetAll_FullMethodName, map[string]string{"Auth-Token": rootToken}, 0, grpccodes.OK},
		{"wrong token", pb.External_GetAll_FullMethodName, map[string]string{"Auth-Token": "x"}, 0, grpccodes.Unauthenticated},
		{"session", pb.External_GetAll_FullMethodName, own, 0, grpccodes.OK},
		{"session of another's page", pb.External_GetAll_FullMethodName, foreign, 0, grpccodes.PermissionDenied},
		{"no such method", "/protos.External/None", map[string]string{"Auth-Token": rootToken}, 0, grpccodes.OK},
		{"no such method, nothing", "/protos.External/None", nil, 0, grpccodes.Unauthenticated},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://host"+tt.method, nil)
		for k, v := range tt.headers {
			r.Header.Set(k, v)
		}
		if limit, err := a.Admit(r); limit != tt.limit || status.Code(err) != tt.code {
			t.Errorf("%s: got limit %d and %v, want %d and %s", tt.name, limit, err, tt.limit, tt.code)
		}
	}
}
