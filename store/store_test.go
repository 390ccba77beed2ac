package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestUnavailableHidesCredentials_9_5_8(t *testing.T) {
	t.Parallel()
	tests := []struct{ cause, want string }{
		{"dial tcp 10.0.0.1:6379: connection refused", "dial tcp 10.0.0.1:6379: connection refused"},
		{"redis://user:s3cret@host:6379/0: timeout", "redis://***@host:6379/0: timeout"},
		{"rediss://:s3cret@host", "rediss://***@host"},
		{"redis://user:p@ss/s3cret@host", "redis://***@host"},
		{`parse "redis://:s3 cret@host": invalid`, `parse "redis://***@host": invalid`},
		{"redis://a:s3cret@x failed, tried redis://b:s3cret@y", "redis://***@y"},
	}
	for _, tt := range tests {
		got := Unavailable("read changes", errors.New(tt.cause)).Error()
		if want := "read changes: the store is unavailable: " + tt.want; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if strings.Contains(got, "s3") {
			t.Errorf("%q shows a password", got)
		}
	}
}

func TestUnavailableIsBoth(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("update: %w", Unavailable("read", fmt.Errorf("ping: %w", context.DeadlineExceeded)))
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrConflict) {
		t.Errorf("%v is not both ErrUnavailable and its cause, and nothing else", err)
	}
}

func TestCheckBoundsAChange(t *testing.T) {
	t.Parallel()
	half := make([]byte, MaxValueBytes)
	op := func(id string, value []byte) Op { return Op{Key: Key{Kind: KindWasm, ID: id}, Value: value} }
	if err := (Change{Ops: []Op{op("a", half), op("b", half)}}).Check(); err != nil {
		t.Errorf("two values of the most bytes: got %v, want no error", err)
	}
	if err := (Change{Ops: []Op{op("a", half), op("b", half), op("c", []byte{1})}}).Check(); !errors.Is(err, ErrInvalid) {
		t.Errorf("one byte more: got %v, want ErrInvalid", err)
	}
}

func TestMergedHintsSayAll(t *testing.T) {
	t.Parallel()
	live, gap, moved := Event{Revision: 3, Live: true}, Event{Revision: 4, Gap: true}, Event{Revision: 2}
	want := Event{Revision: 4, Live: true, Gap: true}
	for _, order := range [][3]Event{{live, gap, moved}, {moved, gap, live}, {gap, live, moved}} {
		if got := order[0].Merge(order[1]).Merge(order[2]); got != want {
			t.Errorf("%+v: got %+v, want %+v", order, got, want)
		}
	}
}
