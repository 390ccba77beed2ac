package auth

import (
	"errors"
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
		who, err := a.identify(r)
		if err == nil {
			err = permit(who.Role, need, r.Pattern)
		}
		if err != nil {
			failure.Write(w, a.refuse(err))
			return
		}
		next.ServeHTTP(w, r.WithContext(withCaller(r.Context(), who)))
	})
}

// identify returns who a REST caller is.
func (a *Auth) identify(r *http.Request) (Caller, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		token, bearer := strings.CutPrefix(header, "Bearer ")
		if !bearer {
			return Caller{}, errUnauthorized
		}
		c, err := a.token(token)
		return c.Caller, unauthorized(err)
	}
	c, err := a.find(r.Header["Cookie"])
	if err != nil {
		return Caller{}, unauthorized(err)
	}
	// SameSite=Strict keeps the cookie away from other sites, Origin says so again for
	// everything that changes something.
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !reads && !sameOrigin(r.Header.Get("Origin"), r.Host) {
		return Caller{}, errForeign
	}
	return c.Caller, nil
}

// unauthorized is err in the words that REST clients know, but for what is new to them.
func unauthorized(err error) error {
	if err == nil || errors.Is(err, errRevoked) || errors.Is(err, errExpired) {
		return err
	}
	return errUnauthorized
}
