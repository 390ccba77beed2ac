package auth

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/failure"
)

const (
	// maxServiceBytes is what the SDKs' API takes for a service's name.
	maxServiceBytes = 255
	maxTokenName    = 100
)

// Grant is what a scoped token says of its holder. All of it stands in the token.
type Grant struct {
	ID      string // names the token; Sign chooses it
	Role    Role
	Service string    // the only one that an SDK may speak for; "" is any
	Name    string    // for people
	Expires time.Time // in whole seconds; zero is never
}

// Check says why there can be no such token, as a *failure.Error of kind Invalid.
func (g Grant) Check(now time.Time) error {
	invalid := func(format string, args ...any) error { return failure.New(failure.Invalid, format, args...) }
	switch {
	case g.Role < SDK || g.Role > Admin:
		return invalid("a token needs a role: admin, editor, viewer or sdk")
	case g.Service != "" && g.Role != SDK:
		return invalid("only a token with the role sdk can be for one service: people see how services are connected, whatever their role")
	case len(g.Service) > maxServiceBytes:
		return invalid("the name of a service cannot be longer than %d bytes", maxServiceBytes)
	case !printable(g.Service) || strings.Contains(g.Service, ":") || g.Service != strings.TrimSpace(g.Service):
		return invalid("the name of the service cannot be used: it must be text without colons, line breaks, and spaces around it")
	case len(g.Name) > maxTokenName:
		return invalid("the name of a token cannot be longer than %d bytes", maxTokenName)
	case !printable(g.Name):
		return invalid("the name of the token cannot be used: it must be text of one line")
	case !g.Expires.IsZero() && !g.Expires.After(now):
		return invalid("the token would expire at once: choose a time to come")
	case !g.Expires.IsZero() && g.Expires.Unix() > maxExpiry:
		return invalid("the token would live for more than 30,000 years: leave the expiry out")
	default:
		return nil
	}
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError })
}

// ParseRole returns the role that a token may have, by its name.
func ParseRole(name string) (Role, error) {
	for _, r := range tokenRoles {
		if r != nobody && r.String() == name {
			return r, nil
		}
	}
	return nobody, failure.New(failure.Invalid, "%q is not a role: choose admin, editor, viewer or sdk", name)
}
