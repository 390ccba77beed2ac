package mux

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// protocol is what a connection turned out to speak.
type protocol int

const (
	protocolNone  protocol = iota // nothing of ours: close it
	protocolGRPC                  // HTTP/2 whose first request is native gRPC
	protocolHTTP2                 // any other HTTP/2
	protocolHTTP1
	protocolTLS // which carries one of the others
)

const (
	// maxHeaderBytes bounds a request's header list.
	maxHeaderBytes = 16 << 10
	// maxSniffBytes bounds what is kept of a connection for replay: a full header
	// and what clients send before it.
	maxSniffBytes = maxHeaderBytes + 8<<10
	// maxSniffFrames bounds the frames before the first request: SETTINGS, its ACK,
	// WINDOW_UPDATE, PING and a browser's handful of PRIORITY.
	maxSniffFrames = 16
	// maxMethod is more than any registered HTTP method has.
	maxMethod = 32
)

// sniff reads the start of a connection from r and tells its protocol. To an
// HTTP/2 client it writes one empty SETTINGS frame to w, because grpc-go sends
// nothing more before it has seen one. It reads at most maxSniffBytes; the
// deadline of r bounds its time.
func sniff(w io.Writer, r io.Reader) protocol {
	limited := &io.LimitedReader{R: r, N: maxSniffBytes}
	br := bufio.NewReader(limited)
	if isTLS(br) {
		return protocolTLS
	}
	method, ok := readMethod(br)
	switch {
	case !ok:
		return protocolNone
	case method != "PRI":
		return protocolHTTP1
	}
	rest := http2.ClientPreface[len("PRI "):]
	got := make([]byte, len(rest))
	if _, err := io.ReadFull(br, got); err != nil || string(got) != rest {
		return protocolNone
	}
	p := sniffHTTP2(w, br)
	if p == protocolNone && limited.N == 0 {
		return protocolHTTP2 // too much before the end of the header: it answers 431
	}
	return p
}

// isTLS reports whether a connection begins with the record of a TLS hand-shake. Its second
// byte is 3 for all versions, and no method begins like that.
func isTLS(br *bufio.Reader) bool {
	const handshake = 22
	first, err := br.Peek(1)
	if err != nil || first[0] != handshake {
		return false
	}
	start, err := br.Peek(2)
	return err == nil && start[1] == 3
}

// readMethod reads an HTTP method and the space behind it.
func readMethod(br *bufio.Reader) (string, bool) {
	var method []byte
	for {
		b, err := br.ReadByte()
		switch {
		case err != nil:
			return "", false
		case b == ' ':
			return string(method), len(method) > 0
		case !isTokenByte(b) || len(method) == maxMethod:
			return "", false
		}
		method = append(method, b)
	}
}

func isTokenByte(b byte) bool {
	return 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}

// sniffHTTP2 reads frames up to the first request header. Only time is policed
// here: every malformed connection goes to the http.Server, which answers it as
// HTTP/2 demands.
func sniffHTTP2(w io.Writer, br *bufio.Reader) protocol {
	framer := http2.NewFramer(w, br)
	framer.SetMaxReadFrameSize(16 << 10) // what empty SETTINGS announce
	framer.ReadMetaHeaders = hpack.NewDecoder(4<<10, nil)
	framer.MaxHeaderListSize = maxHeaderBytes
	if err := framer.WriteSettings(); err != nil {
		return protocolNone
	}
	for n := range maxSniffFrames {
		if _, err := br.Peek(1); err != nil {
			if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
				// Connected ahead of its first request. Only the http.Server can
				// answer whatever that will be.
				return protocolHTTP2
			}
			return protocolNone
		}
		frame, err := framer.ReadFrame()
		if err != nil {
			return afterBadFrame(err)
		}
		if _, ok := frame.(*http2.SettingsFrame); n == 0 && !ok {
			return protocolHTTP2
		}
		if header, ok := frame.(*http2.MetaHeadersFrame); ok {
			return byContentType(header)
		}
	}
	return protocolHTTP2
}

// afterBadFrame tells a connection that broke or is too slow from one that sent
// something wrong.
func afterBadFrame(err error) protocol {
	var connection http2.ConnectionError
	var stream http2.StreamError
	if errors.As(err, &connection) || errors.As(err, &stream) || errors.Is(err, http2.ErrFrameTooLarge) {
		return protocolHTTP2
	}
	return protocolNone
}

func byContentType(header *http2.MetaHeadersFrame) protocol {
	for _, field := range header.RegularFields() {
		if field.Name == "content-type" {
			if isNativeGRPC(field.Value) {
				return protocolGRPC
			}
			break
		}
	}
	return protocolHTTP2
}

// isNativeGRPC reports whether a content type is gRPC and not gRPC-Web: some
// clients add a codec ("+proto"), some a parameter.
func isNativeGRPC(contentType string) bool {
	if !isGRPC(contentType) {
		return false
	}
	rest := contentType[len(grpcType):]
	return rest == "" || rest[0] == '+' || rest[0] == ';'
}

// grpcType is how the content types of gRPC and gRPC-Web begin.
const grpcType = "application/grpc"

func isGRPC(contentType string) bool {
	return len(contentType) >= len(grpcType) && strings.EqualFold(contentType[:len(grpcType)], grpcType)
}
