package wasmbuild

import (
	"context"
	"flag"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

func newBuilder(t testing.TB) *Builder {
	t.Helper()
	b, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

func newRunner(t testing.TB, opts runner.Options) *runner.Runtime {
	t.Helper()
	r, err := runner.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// flagRun is the value of -run.
func flagRun() string { return flag.Lookup("test.run").Value.String() }
