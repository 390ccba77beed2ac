package report

import (
	"cmp"
	"time"

	"github.com/streamdal/streamdal-server/api/pb/console"
)

// Tokens writes what is known of scoped tokens.
func (w Writer) Tokens(list []*console.Token) error {
	if w.Format == JSON {
		rows := make([]message, 0, len(list))
		for _, t := range list {
			rows = append(rows, message{t})
		}
		return w.json(rows)
	}
	t := newTable("ID", "ROLE", "SERVICE", "NAME", "ISSUED", "EXPIRES", "REVOKED")
	for _, token := range list {
		t.row(token.GetId(), cmp.Or(token.GetRole(), "not known"), token.GetService(), token.GetName(),
			moment(token.GetIssuedUnix(), ""), moment(token.GetExpiresUnix(), "never"), moment(token.GetRevokedUnix(), ""))
	}
	return t.writeTo(w.Out)
}

// moment is a time in seconds for people, or what stands for none.
func moment(seconds int64, none string) string {
	if seconds == 0 {
		return none
	}
	return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}
