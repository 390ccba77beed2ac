package mux

import (
	"io"
	"net/http"
	"time"
)

// stallTimeout is how long a web client may make no progress while we wait for it:
// long enough for a phone that changes networks, short enough that clients which
// stopped reading do not pile up.
const stallTimeout = 30 * time.Second

// guardedWriter cuts a client that stops reading. Unlike http.Server.WriteTimeout
// it leaves alone a stream that has nothing to send.
type guardedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
	http2   bool
}

func guardWrites(w http.ResponseWriter, r *http.Request, limit time.Duration) *guardedWriter {
	return &guardedWriter{ResponseWriter: w, control: http.NewResponseController(w), limit: limit, http2: r.ProtoMajor == 2}
}

func (w *guardedWriter) Write(p []byte) (int, error) {
	w.arm()
	defer w.disarm()
	return w.ResponseWriter.Write(p)
}

// Flush implements http.Flusher, which gRPC asks for.
func (w *guardedWriter) Flush() {
	w.arm()
	defer w.disarm()
	_ = w.control.Flush() // the next Write tells
}

// Unwrap lets http.ResponseController reach the connection.
func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish bounds what the http.Server still writes when the handler has returned.
// The http.Server itself clears the deadline before the next request.
func (w *guardedWriter) finish() { w.arm() }

func (w *guardedWriter) arm() { _ = w.control.SetWriteDeadline(time.Now().Add(w.limit)) }

// disarm clears the deadline where it would fire without a write under way.
func (w *guardedWriter) disarm() {
	if w.http2 {
		_ = w.control.SetWriteDeadline(time.Time{})
	}
}

// guardedBody cuts a client that stops sending its request.
type guardedBody struct {
	io.ReadCloser
	control *http.ResponseController
	limit   time.Duration
}

func guardBody(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	b := &guardedBody{ReadCloser: r.Body, control: http.NewResponseController(w), limit: limit}
	b.arm() // from the start: the http.Server reads what the handler leaves
	r.Body = b
}

func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		// The http.Server now watches the connection for the client going away,
		// which may take as long as the answer does.
		_ = b.control.SetReadDeadline(time.Time{})
	} else {
		b.arm()
	}
	return n, err
}

func (b *guardedBody) arm() { _ = b.control.SetReadDeadline(time.Now().Add(b.limit)) }
