package catalog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/streamdal/streamdal-server/store"
)

// A copy is copyMagic, then chunks of a length in 4 bytes and that many bytes,
// then a length of 0 and the SHA-256 of everything before. The first chunk is a
// protobuf message about the picture, each other one a record.
const (
	copyMagic = "streamdal catalog copy 1\n"

	// maxChunk bounds what a length is believed.
	maxChunk = store.MaxValueBytes + store.MaxIDBytes + 1024
)

// Fields of the first chunk.
const (
	copyRevision protowire.Number = iota + 1
	copyMade                      // seconds of Unix time
	copyOrigin
)

// Fields of a record's chunk.
const (
	recordKind protowire.Number = iota + 1
	recordID
	recordValue
	recordRevision
)

var errNoCopy = errors.New("not a whole copy")

// writeCopy writes a copy to w.
func writeCopy(w io.Writer, state store.State, made time.Time, origin string) error {
	sum := sha256.New()
	out := bufio.NewWriter(io.MultiWriter(w, sum))
	_, _ = out.WriteString(copyMagic) // Flush gives the error
	var b []byte
	b = appendUint(b, copyRevision, uint64(state.Revision))
	b = appendUint(b, copyMade, uint64(made.Unix()))
	b = appendBytes(b, copyOrigin, []byte(origin))
	writeChunk(out, b)
	for _, r := range state.Records {
		b = appendBytes(b[:0], recordKind, []byte(r.Kind))
		b = appendBytes(b, recordID, []byte(r.ID))
		b = appendBytes(b, recordValue, r.Value)
		b = appendUint(b, recordRevision, uint64(r.Revision))
		writeChunk(out, b)
	}
	writeChunk(out, nil)
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

func writeChunk(out *bufio.Writer, b []byte) {
	_, _ = out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
	_, _ = out.Write(b)
}

func appendUint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// HasCopy reports whether a file holds a copy of the store that origin names (see
// Shared.Origin).
func HasCopy(path, origin string) bool {
	_, made, err := readCopy(path, origin)
	return err == nil && !made.IsZero()
}

// readCopy returns the copy in a file and when it was made. A file that does not
// exist gives the zero time, one that is damaged or of another store an error.
func readCopy(path, origin string) (store.State, time.Time, error) {
	if path == "" {
		return store.State{}, time.Time{}, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return store.State{}, time.Time{}, nil
	}
	if err != nil {
		return store.State{}, time.Time{}, err
	}
	state, made, of, err := parseCopy(content)
	if err == nil && of != origin {
		err = fmt.Errorf("it was made of another store, %s", of)
	}
	if err != nil {
		return store.State{}, time.Time{}, err
	}
	return state, made, nil
}

// parseCopy reads a copy. The checksum is looked at first, so that a file cut off
// anywhere is not a smaller set of rules.
func parseCopy(content []byte) (state store.State, made time.Time, origin string, err error) {
	body, found := bytes.CutPrefix(content, []byte(copyMagic))
	if !found || len(body) < sha256.Size {
		return state, made, "", fmt.Errorf("%w: it is cut off, or another kind of file", errNoCopy)
	}
	end := len(content) - sha256.Size
	if sum := sha256.Sum256(content[:end]); !bytes.Equal(sum[:], content[end:]) {
		return state, made, "", fmt.Errorf("%w: the checksum differs", errNoCopy)
	}
	body = body[:len(body)-sha256.Size]
	head, body, err := nextChunk(body)
	if err != nil || len(head) == 0 {
		return state, made, "", errNoCopy
	}
	fields, err := parseFields(head)
	if err != nil {
		return state, made, "", err
	}
	state.Revision = store.Revision(fields.uint(copyRevision))
	made, origin = time.Unix(int64(fields.uint(copyMade)), 0).UTC(), string(fields.bytes(copyOrigin))
	for {
		var chunk []byte
		if chunk, body, err = nextChunk(body); err != nil {
			return store.State{}, made, "", err
		}
		if len(chunk) == 0 {
			break
		}
		fields, err := parseFields(chunk)
		if err != nil {
			return store.State{}, made, "", err
		}
		state.Records = append(state.Records, store.Record{
			Key:      store.Key{Kind: store.Kind(fields.bytes(recordKind)), ID: string(fields.bytes(recordID))},
			Value:    fields.bytes(recordValue),
			Revision: store.Revision(fields.uint(recordRevision)),
		})
	}
	if len(body) > 0 {
		return store.State{}, made, "", fmt.Errorf("%w: something follows its end", errNoCopy)
	}
	if err := state.CheckRestore(); err != nil {
		return store.State{}, made, "", fmt.Errorf("%w: %w", errNoCopy, err)
	}
	return state, made, origin, nil
}

func nextChunk(b []byte) (chunk, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, fmt.Errorf("%w: a length is missing", errNoCopy)
	}
	n := int(binary.BigEndian.Uint32(b))
	if n > maxChunk || n > len(b)-4 {
		return nil, nil, fmt.Errorf("%w: %d bytes are missing", errNoCopy, n-(len(b)-4))
	}
	return b[4 : 4+n], b[4+n:], nil
}

// copyFields are the fields of a chunk; the last one of a number counts.
type copyFields struct {
	uints map[protowire.Number]uint64
	texts map[protowire.Number][]byte
}

func (f copyFields) uint(n protowire.Number) uint64  { return f.uints[n] }
func (f copyFields) bytes(n protowire.Number) []byte { return f.texts[n] }

func parseFields(b []byte) (copyFields, error) {
	f := copyFields{uints: map[protowire.Number]uint64{}, texts: map[protowire.Number][]byte{}}
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return f, fmt.Errorf("%w: %w", errNoCopy, protowire.ParseError(n))
		}
		b = b[n:]
		switch kind {
		case protowire.VarintType:
			f.uints[field], n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.texts[field], n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return f, fmt.Errorf("%w: %w", errNoCopy, protowire.ParseError(n))
		}
		b = b[n:]
	}
	return f, nil
}

// saveCopy replaces the file by a copy, or leaves it as it was.
func saveCopy(path string, state store.State, made time.Time, origin string) (err error) {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name()) // not our copy
		}
	}()
	err = errors.Join(writeCopy(file, state, made, origin), file.Sync())
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}
