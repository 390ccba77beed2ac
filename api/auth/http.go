package auth

import (
	"net/http"
	"strings"

	"github.com/streamdal/streamdal-server/api/failure"
)

// HTTP refuses requests without the role that their route needs. next must be registered
// in an http.ServeMux, because the route is the pattern that the mux has matched.
func (a *Auth) HTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		need := routes[r.Pattern]
		if need == Open {
			next.ServeHTTP(w, r)
			return
		}
		role, err := a.identify(r)
		if err == nil {
			err = permit(role, need, r.Pattern)
		}
		if err != nil {
			failure.Write(w, a.refuse(err))
			return
		}
		next.ServeHTTP(w, r.WithContext(withRole(r.Context(), role)))
	})
}

// identify returns the role of a REST caller.
func (a *Auth) identify(r *http.Request) (Role, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		token, bearer := strings.CutPrefix(header, "Bearer ")
		if role, ok := a.role(token); ok && bearer {
			return role, nil
		}
		return nobody, errUnauthorized
	}
	s, _, valid := a.find(r.Header["Cookie"])
	if !valid {
		return nobody, errUnauthorized
	}
	// SameSite=Strict keeps the cookie away from other sites, Origin says so again for
	// everything that changes something.
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !reads && !sameOrigin(r.Header.Get("Origin"), r.Host) {
		return nobody, errForeign
	}
	return s.role, nil
}
