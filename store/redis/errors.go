package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/store"
)

// replies are the errors Redis itself answers with, by their first word, and what
// an operator should know. passing marks those that end by themselves.
var replies = []struct {
	word    string
	passing bool
	advice  string
}{
	{"READONLY", true, "this Redis is a replica, which takes no changes; after a fail-over that ends by itself, otherwise set --redis-url to the master"},
	{"LOADING", true, "Redis is still loading its data; it will answer by itself"},
	{"MASTERDOWN", true, "this Redis is a replica that has lost its master; wait for a fail-over or start the master"},
	{"CLUSTERDOWN", true, "the Redis Cluster does not serve all slots; see CLUSTER INFO"},
	{"TRYAGAIN", true, "the Redis Cluster is moving these keys; try again"},
	{"MOVED", true, "another node of the Redis Cluster has these keys; try again, and write redis+cluster:// if --redis-url begins with redis://"},
	{"ERR This instance has cluster support disabled", false, "this Redis is not a Cluster; write redis:// instead of redis+cluster://"},
	{"ERR SELECT is not allowed in cluster mode", false, "this Redis is a Cluster; write redis+cluster:// and no database"},
	{"ERR unknown command 'sentinel'", false, "no Sentinel listens there, but a Redis; write redis://, or the sentinels' addresses (port 26379)"},
	{"ERR unknown command", false, "what listens there is no Redis that keeps data; write redis+sentinel://host/master for a Sentinel"},
	{"ERR max number of clients", true, "Redis has no room for another connection; raise maxclients"},
	{"OOM", false, "Redis is out of memory and takes no changes; raise maxmemory or free some"},
	{"MISCONF", false, "Redis takes no changes because it cannot save to disk; see its log"},
	{"NOREPLICAS", false, "Redis takes no changes because too few replicas are connected; start them or lower min-replicas-to-write"},
	{"NOAUTH", false, "Redis wants a password; set --redis-password or put it into --redis-url"},
	// What Redis says to a big command from somebody without a password.
	{"ERR Protocol error: unauthenticated", false, "Redis wants a password; set --redis-password or put it into --redis-url"},
	{"WRONGPASS", false, "Redis does not accept the user or the password; check --redis-password and --redis-url"},
	{"ERR invalid password", false, "Redis does not accept the password; check --redis-password and --redis-url"},
	{"NOPERM", false, "the Redis user lacks a right that streamdal-server needs (docs/operations.md lists them)"},
	{"ERR The user executing the script", false, "the Redis user lacks a right that streamdal-server needs (docs/operations.md lists them)"},
	{"DENIED", false, "Redis refuses connections from outside; set a password there, or bind it to this network"},
	{"DAMAGED", false, "what streamdal-server keeps in Redis is damaged; restore a backup of Redis, or delete the keys that begin with streamdal_{config}: and let a node write back its rules"},
	{"WRONGTYPE", false, "another program has written to a key of streamdal-server; give it a database of its own"},
	{"ERR DB index", false, "Redis has no database of this number; check --redis-database"},
	{"BUSY", false, "Redis is busy with a script of another program; see SCRIPT KILL"},
}

// errTooNew means that a newer program wrote the data.
var errTooNew = errors.New("the data was written by a newer streamdal-server; run that version")

// errForked means that the store is not the one this process has read.
var errForked = errors.New("the store lost changes that this node has read; the node reads everything again")

// explained is an error with advice for whoever reads it.
type explained struct {
	text  string
	cause error
}

func (e *explained) Error() string { return e.text }

func (e *explained) Unwrap() error { return e.cause }

// explain turns an error of the client library into a sentence that says what to do.
func explain(err error) error {
	text := err.Error()
	for _, r := range replies {
		if answers(err, r.word) {
			return &explained{fmt.Sprintf("%s (%s)", r.advice, text), err}
		}
	}
	var dial *net.OpError
	var untrusted *tls.CertificateVerificationError
	var noRecord tls.RecordHeaderError
	switch {
	case strings.Contains(text, "can't parse"): // the library has no type for it
		return &explained{fmt.Sprintf("what listens there is not Redis, check --redis-url (%s)", text), err}
	case errors.Is(err, redis.Nil) && strings.Contains(text, "sentinels"):
		return &explained{"the sentinels know no master of this name; check the end of --redis-url", err}
	case errors.As(err, &untrusted):
		return &explained{fmt.Sprintf("the certificate of Redis is not trusted; name its authority with --redis-tls-ca, and in --redis-url a host that it is for (%s)", text), err}
	case errors.As(err, &noRecord):
		return &explained{fmt.Sprintf("Redis does not answer by TLS; write redis:// instead of rediss:// if it has none (%s)", text), err}
	case strings.Contains(text, "remote error: tls:"):
		return &explained{fmt.Sprintf("Redis refuses TLS with this node; if it wants a certificate, give --redis-tls-cert and --redis-tls-key (%s)", text), err}
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return &explained{fmt.Sprintf("Redis has closed the connection; if that goes on, it may want TLS: write rediss:// (%s)", text), err}
	case errors.As(err, &dial) && dial.Op == "dial":
		return &explained{fmt.Sprintf("cannot connect, check that Redis runs and --redis-url is right (%s)", text), err}
	case isTimeout(err):
		// Not wrapped: it is not the caller's deadline that has passed.
		return errors.New("no answer from Redis in time; it hangs, is overloaded, or the network is cut")
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return &explained{"all connections to Redis are busy; it is slow or hangs", err}
	default:
		return err
	}
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// passing reports whether an error may pass by itself within moments. All but
// answers of Redis itself may: connections that break, or cannot be made.
func passing(err error) bool {
	for _, final := range []error{
		errTooNew, errForked, store.ErrConflict, store.ErrGap, store.ErrNodeTaken, redis.ErrClosed, context.Canceled,
	} {
		if errors.Is(err, final) {
			return false
		}
	}
	var verdict *verdictError
	if errors.As(err, &verdict) {
		return false
	}
	for _, r := range replies {
		if answers(err, r.word) {
			return r.passing
		}
	}
	var answer redis.Error
	return !errors.As(err, &answer) || strings.HasPrefix(answer.Error(), "ASK ")
}

// answers reports whether Redis answered with this error, in a script or not.
func answers(err error, word string) bool {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return false
	}
	// Before Redis 7 the error of a command in a script stands inside the script's.
	text, inScript := strings.CutPrefix(answer.Error(), "ERR Error running script")
	return strings.HasPrefix(text, word) || inScript && strings.Contains(text, "-"+word+" ")
}

// verdictError is an outcome that trying again does not change.
type verdictError struct{ cause error }

func (e *verdictError) Error() string { return e.cause.Error() }

func (e *verdictError) Unwrap() error { return e.cause }

func verdict(format string, args ...any) error {
	return &verdictError{fmt.Errorf(format, args...)}
}
