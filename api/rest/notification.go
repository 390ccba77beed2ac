package rest

import (
	"context"
	"net/http"

	"github.com/streamdal/streamdal-server/api/failure"
)

// Tester sends a message that says it is a test to a notification config, and waits for the
// outcome. Its errors are of package failure.
type Tester interface {
	Test(ctx context.Context, id string) error
}

// testNotification answers when the receiver has answered.
func testNotification(notify Tester) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := notify.Test(r.Context(), r.PathValue("id")); err != nil {
			failure.Write(w, err)
			return
		}
		writeJSON(w, message{"test notification sent"})
	})
}
