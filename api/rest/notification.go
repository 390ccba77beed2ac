package rest

import (
	"context"
	"net/http"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// Tester sends a message that says it is a test to a notification config, and waits for the
// outcome. Its errors are of package failure.
type Tester interface {
	Test(ctx context.Context, id string) error
}

// dropLocked deletes a notification config whose key is lost, for who says so. Any other is
// left to the method that everybody uses.
func dropLocked(c *catalog.Catalog) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if r.URL.Query().Get("lost-key") != "yes" {
			failure.Write(w, failure.New(failure.Invalid, "please pass ?lost-key=yes to confirm that the key of this notification config is lost for good"))
			return
		}
		_, err := c.Update(r.Context(), func(tx *catalog.Tx) error {
			if !tx.Snapshot().Locked[id] {
				return failure.New(failure.Invalid, "notification config '%s' is not locked; use DeleteNotification", id)
			}
			tx.DropLocked(id)
			return nil
		})
		if err != nil {
			failure.Write(w, err)
			return
		}
		writeJSON(w, message{"locked notification config deleted"})
	})
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
