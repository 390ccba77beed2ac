package redis

import (
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func TestSkew(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"standalone": redistest.Start(t, redistest.Options{}).URL(),
		"cluster":    redistest.StartCluster(t, redistest.Options{}).URL(),
	} {
		// The same machine has one clock.
		if skew, err := open(t, Options{URL: url}).Skew(t.Context()); err != nil || skew.Abs() > 3*time.Second {
			t.Errorf("%s: got %s, %v", name, skew, err)
		}
	}
}
