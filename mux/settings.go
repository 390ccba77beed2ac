package mux

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"golang.org/x/net/http2"
)

const frameHeaderLen = 9

// ackListener hands out HTTP/2 connections to which sniff has written SETTINGS.
type ackListener struct{ net.Listener }

func (l ackListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &ackConn{Conn: c, frames: bufio.NewReader(c), left: len(http2.ClientPreface)}, nil
}

// ackConn hides the client's first SETTINGS ACK from the reader. It answers the
// SETTINGS of sniff, of which the http.Server knows nothing: that would end a
// connection with one ACK too many.
type ackConn struct {
	net.Conn
	frames *bufio.Reader // nil once the ACK was swallowed and the buffer is empty
	left   int           // bytes before the next frame header
	found  bool
}

func (c *ackConn) Read(p []byte) (int, error) {
	if c.frames == nil {
		return c.Conn.Read(p)
	}
	for c.left == 0 && !c.found && len(p) > 0 {
		if err := c.nextFrame(); err != nil {
			return 0, err
		}
	}
	if c.found {
		if c.frames.Buffered() == 0 {
			c.frames = nil
			return c.Conn.Read(p)
		}
		return c.frames.Read(p)
	}
	n, err := c.frames.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// nextFrame looks at the next frame header and drops it if it is the ACK.
func (c *ackConn) nextFrame() error {
	header, err := c.frames.Peek(frameHeaderLen)
	if err != nil {
		if len(header) == 0 || !errors.Is(err, io.EOF) {
			return err
		}
		c.left = len(header) // cut off here: the reader shall see what there is
		return nil
	}
	length := int(binary.BigEndian.Uint32(header) >> 8)
	isAck := http2.FrameType(header[3]) == http2.FrameSettings && http2.Flags(header[4]).Has(http2.FlagSettingsAck)
	if isAck && length == 0 {
		c.found = true
		_, err = c.frames.Discard(frameHeaderLen)
		return err
	}
	c.left = frameHeaderLen + length
	return nil
}
