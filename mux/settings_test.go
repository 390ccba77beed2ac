package mux

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
)

// readerConn is a connection of which only Read is used.
type readerConn struct {
	net.Conn
	r io.Reader
}

func (c readerConn) Read(p []byte) (int, error) { return c.r.Read(p) }

func newAckConn(r io.Reader) *ackConn {
	c := readerConn{r: r}
	return &ackConn{Conn: c, frames: bufio.NewReader(c), left: len(http2.ClientPreface)}
}

func TestAckConn(t *testing.T) {
	t.Parallel()
	ack := frames(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	settings := frames(func(fr *http2.Framer) { _ = fr.WriteSettings(http2.Setting{ID: 1, Val: 1}) })
	// A payload that looks like an ACK is none.
	ping := frames(func(fr *http2.Framer) { _ = fr.WriteRawFrame(http2.FrameData, 0, 1, ack) })
	join := func(parts ...[]byte) []byte { return append([]byte(http2.ClientPreface), bytes.Join(parts, nil)...) }
	for _, c := range []struct {
		name     string
		in, want []byte
	}{
		{"at once", join(settings, ack, ping), join(settings, ping)},
		{"late", join(settings, ping, ping, ack, ping), join(settings, ping, ping, ping)},
		{"only the first", join(settings, ack, ack, ping, ack), join(settings, ack, ping, ack)},
		{"never", join(settings, ping), join(settings, ping)},
		{"cut frame header", join(settings, ack[:5]), join(settings, ack[:5])},
		{"cut frame", join(settings, ping[:12]), join(settings, ping[:12])},
		{"cut preface", []byte("PRI"), []byte("PRI")},
		{"ack with a payload", join([]byte("\x00\x00\x01\x04\x01\x00\x00\x00\x00x"), ack), join([]byte("\x00\x00\x01\x04\x01\x00\x00\x00\x00x"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{
				"whole":          newAckConn(bytes.NewReader(c.in)),
				"bytes arriving": newAckConn(iotest.OneByteReader(bytes.NewReader(c.in))),
				"bytes read":     iotest.OneByteReader(newAckConn(bytes.NewReader(c.in))),
				"data with EOF":  newAckConn(iotest.DataErrReader(bytes.NewReader(c.in))),
			} {
				got, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(got, c.want) {
					t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
				}
			}
		})
	}
}

// A deadline in the middle of a frame header loses nothing.
func TestAckConnAfterDeadline(t *testing.T) {
	t.Parallel()
	ack := frames(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	c := newAckConn(io.MultiReader(
		bytes.NewReader(append([]byte(http2.ClientPreface), ack[:4]...)),
		&once{err: os.ErrDeadlineExceeded},
		bytes.NewReader(append(ack[4:], "rest"...)),
	))
	got := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read: %v, want the deadline's error", err)
	}
	if rest, err := io.ReadAll(c); err != nil || string(rest) != "rest" {
		t.Errorf("then %q, %v", rest, err)
	}
}

// once fails one Read and is then empty.
type once struct{ err error }

func (o *once) Read([]byte) (int, error) {
	err := o.err
	o.err = io.EOF
	return 0, err
}

// The sum of two sentences: without its first empty SETTINGS ACK at a frame
// boundary the stream is unchanged, however it is cut.
func FuzzAckConn(f *testing.F) {
	f.Add(hello(func(fr *http2.Framer) { _ = fr.WriteSettingsAck(); _ = fr.WritePing(false, [8]byte{}) }), uint8(3))
	f.Add([]byte(http2.ClientPreface), uint8(1))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		want := in
		for at := len(http2.ClientPreface); at+frameHeaderLen <= len(in); {
			length := int(binary.BigEndian.Uint32(in[at:]) >> 8)
			if length == 0 && in[at+3] == 4 && in[at+4]&1 == 1 {
				want = append(bytes.Clone(in[:at]), in[at+frameHeaderLen:]...)
				break
			}
			at += frameHeaderLen + length
		}
		c := newAckConn(iotest.HalfReader(bytes.NewReader(in)))
		var got []byte
		buf := make([]byte, int(size)+1)
		for {
			n, err := c.Read(buf)
			got = append(got, buf[:n]...)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
