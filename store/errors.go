package store

import (
	"errors"
	"regexp"
)

var (
	// ErrConflict means that a guarded record is not as the writer expected.
	ErrConflict = errors.New("the record was changed by somebody else")
	// ErrGap means that the store no longer knows what changed since a revision.
	ErrGap = errors.New("the change log does not reach back that far")
	// ErrUnavailable means that the backend cannot be reached or written now.
	ErrUnavailable = errors.New("the store is unavailable")
	// ErrLocked means that another process uses the store.
	ErrLocked = errors.New("the store is in use")
	// ErrClosed means that the store was closed by this process.
	ErrClosed = errors.New("the store is closed")
	// ErrNodeTaken means that another living process has the same node name.
	ErrNodeTaken = errors.New("another running node has this name")
	// ErrInvalid means that a change can never be applied as it is.
	ErrInvalid = errors.New("invalid change")
)

// Unavailable wraps the cause of a failed operation so that errors.Is finds
// both ErrUnavailable and the cause. The text says what was being done and why
// it failed; credentials inside URLs are blotted out, because such texts reach
// logs and clients.
func Unavailable(doing string, cause error) error {
	return &unavailableError{doing: doing, cause: cause}
}

type unavailableError struct {
	doing string
	cause error
}

// credentials matches the user part of a URL. It is greedy on purpose: a
// password may itself contain spaces, quotes or an @, and hiding too much of an
// error text is the smaller harm.
var credentials = regexp.MustCompile(`://.*@`)

func (e *unavailableError) Error() string {
	return e.doing + ": " + ErrUnavailable.Error() + ": " + credentials.ReplaceAllString(e.cause.Error(), "://***@")
}

func (e *unavailableError) Is(target error) bool { return target == ErrUnavailable }

func (e *unavailableError) Unwrap() error { return e.cause }
