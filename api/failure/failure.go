// Package failure is the one place where errors become what a caller sees: a gRPC status,
// the code of a StandardResponse, or the body of a REST answer.
package failure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
)

// Kind says what went wrong from the caller's point of view. The zero Kind is a fault of ours.
type Kind uint8

// The kinds. Each has a row in table.
const (
	Internal         Kind = iota // our fault; the text stays in the log
	Invalid                      // the request is wrong; sending it again will not help
	NotFound                     // what it names does not exist
	Exists                       // what it creates exists
	Conflict                     // somebody else changed the same thing at the same time
	Unauthenticated              // no credentials, or wrong ones
	Denied                       // good credentials, but not for this
	Throttled                    // too many attempts
	TooLarge                     // larger than this server takes
	Unavailable                  // not now; try again
	Unimplemented                // not in this release
	Deprecated                   // not any more
	Locked                       // it exists, but its secrets cannot be opened
	Upstream                     // another system refused or failed
	MethodNotAllowed             // REST: the path exists, the method does not
	Cancelled                    // the caller went away
	Late                         // the caller's deadline passed
	kinds
)

// row is how each protocol spells a kind.
type row struct {
	grpc codes.Code
	std  pb.ResponseCode
	http int
	word string // the "code" member of a REST body
	hint string // what to do next; "" where the text says it
}

var table = [kinds]row{
	Internal:         {codes.Internal, pb.ResponseCode_RESPONSE_CODE_INTERNAL_SERVER_ERROR, 500, "internal", "Look for the request id in the server's log."},
	Invalid:          {codes.InvalidArgument, pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST, 400, "invalid", ""},
	NotFound:         {codes.NotFound, pb.ResponseCode_RESPONSE_CODE_NOT_FOUND, 404, "not_found", ""},
	Exists:           {codes.AlreadyExists, pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST, 409, "already_exists", ""},
	Conflict:         {codes.Aborted, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 409, "conflict", "Read it again and repeat the change."},
	Unauthenticated:  {codes.Unauthenticated, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 401, "unauthenticated", "Send the server's token, or log in again."},
	Denied:           {codes.PermissionDenied, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 403, "denied", "Use a token with a higher role."},
	Throttled:        {codes.ResourceExhausted, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 429, "throttled", "Wait as long as Retry-After says."},
	TooLarge:         {codes.ResourceExhausted, pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST, 413, "too_large", ""},
	Unavailable:      {codes.Unavailable, pb.ResponseCode_RESPONSE_CODE_INTERNAL_SERVER_ERROR, 503, "unavailable", "Try again in a moment."},
	Unimplemented:    {codes.Unimplemented, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 501, "unimplemented", ""},
	Deprecated:       {codes.Unimplemented, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 410, "deprecated", ""},
	Locked:           {codes.FailedPrecondition, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 423, "locked", "Start the server with --aes-key or --aes-key-previous set to the key it was sealed with."},
	Upstream:         {codes.FailedPrecondition, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 502, "upstream", ""},
	MethodNotAllowed: {codes.Unimplemented, pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST, 405, "method_not_allowed", "Use a method that the Allow header names."},
	Cancelled:        {codes.Canceled, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 499, "cancelled", ""},
	Late:             {codes.DeadlineExceeded, pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR, 504, "late", ""},
}

// Error is an error whose text is meant for the caller.
type Error struct {
	Kind  Kind
	Text  string
	After time.Duration // Throttled: when to try again
}

func (e *Error) Error() string { return e.Text }

// ErrShuttingDown ends streams when the server stops. SDKs look for these very words.
var ErrShuttingDown = New(Unavailable, "server shutting down")

// New returns an error of a kind with a text for the caller. Wrapping it with fmt.Errorf
// keeps the kind and shows the caller the whole text.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// Texts of errors that are not written for callers: their own may name files and addresses.
const (
	textInternal    = "internal error"
	textUnavailable = "the store cannot be reached, so nothing was changed; try again in a moment"
	textConflict    = "somebody else kept changing the same thing, so nothing was changed; try again"
	textCancelled   = "the caller went away"
	textLate        = "the caller's deadline passed"
)

// Of returns the kind of err and the text that a caller may see.
func Of(err error) (Kind, string) {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind, err.Error()
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrClosed):
		return Unavailable, textUnavailable
	case errors.Is(err, store.ErrConflict):
		return Conflict, textConflict
	case errors.Is(err, store.ErrInvalid):
		return Invalid, err.Error()
	case errors.Is(err, context.Canceled):
		return Cancelled, textCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return Late, textLate
	default:
		return Internal, textInternal
	}
}

// Status returns err as gRPC spells it. An error that already is a status stays as it is.
func Status(err error) error {
	if isStatus(err) {
		return err
	}
	kind, text := Of(err)
	return status.Error(table[kind].grpc, text)
}

// isStatus reports whether a layer below has already chosen a status for err.
func isStatus(err error) bool {
	_, ok := status.FromError(err)
	return ok
}

// Response returns err as the methods spell it that answer in-band. id is the request's.
func Response(id string, err error) *pb.StandardResponse {
	kind, text := Of(err)
	return &pb.StandardResponse{Id: id, Code: table[kind].std, Message: text}
}
