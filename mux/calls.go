package mux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// calls answers gRPC on the http.Server, whose transport keeps what comes faster than it is
// wanted: without bounds, and in 16 KiB for each piece, however small.
type calls struct {
	server *grpc.Server
	admit  func(*http.Request) (limit int64, err error)
	many   map[string]bool // methods to which clients send more than one message
}

func newCalls(server *grpc.Server, admit func(*http.Request) (int64, error)) calls {
	c := calls{server: server, admit: admit, many: map[string]bool{}}
	for service, info := range server.GetServiceInfo() {
		for _, method := range info.Methods {
			c.many["/"+service+"/"+method.Name] = method.IsClientStream
		}
	}
	return c
}

func (c calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.admit != nil {
		limit, err := c.admit(r)
		if err != nil {
			refuseCall(w, r, status.Convert(err))
			return
		}
		if limit > 0 {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
	}
	r.Body = &messages{ReadCloser: r.Body, many: c.many[r.URL.Path]}
	c.server.ServeHTTP(w, r)
}

// refuseCall answers a call of which nothing but the header was read.
func refuseCall(w http.ResponseWriter, r *http.Request, s *status.Status) {
	guardBody(w, r, stallTimeout)
	h := w.Header()
	// Before it answers, the http.Server reads what is left of a body, unless it is to close.
	if r.Proto == "HTTP/1.1" && (r.ContentLength < 0 || r.ContentLength > 4<<10) {
		h.Set("Connection", "close")
	}
	h.Set("Content-Type", r.Header.Get("Content-Type"))
	h.Set("Grpc-Status", fmt.Sprint(uint32(s.Code())))
	h.Set("Grpc-Message", messageText(s.Message()))
}

// messageText writes a text as gRPC has it in headers.
func messageText(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// messages hands out the messages of a body in pieces that are as long as they can be, and
// nothing behind the first one where there must be only one.
type messages struct {
	io.ReadCloser
	many   bool
	began  bool
	head   [5]byte // compressed or not, and the length
	unsaid []byte  // the rest of head that was not handed out
	left   int     // bytes of the message that were not
}

var errOneMessage = errors.New("a call of this method has one message")

func (m *messages) Read(p []byte) (int, error) {
	if len(m.unsaid) == 0 && m.left == 0 {
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.unsaid)
	m.unsaid = m.unsaid[n:]
	got, err := io.ReadFull(m.ReadCloser, p[n:n+min(len(p)-n, m.left)])
	m.left -= got
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF // as if nothing stood between
	}
	return n + got, err
}

// next reads the head of a message. After the last one it goes on to the end of the body:
// only there does the http.Server begin to watch whether the client goes away.
func (m *messages) next() error {
	n, err := io.ReadFull(m.ReadCloser, m.head[:])
	if n > 0 && m.began && !m.many {
		return errOneMessage
	}
	m.began = true
	m.unsaid = m.head[:n]
	if err == nil {
		m.left = int(binary.BigEndian.Uint32(m.head[1:]))
	}
	if n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
		return nil // what there is of it is handed out
	}
	return err
}
