package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/streamdal/streamdal-server/store"
)

// The file holds one bucket per kind (id to sealed value) and two more: metaBucket
// with the format version and the current revision, and logBucket with the keys
// that each of the last changes touched (big-endian revision to sealed list).
//
// A sealed value is its revision (8 bytes, big-endian), a CRC-32C over key,
// revision and content (4 bytes), and the content. The sum tells a flipped bit
// from a good value; bbolt itself checks only its two root pages.

// formatVersion is written into every file. Raise it when an older program would
// misread the file.
const formatVersion = 1

const sealBytes = 8 + 4

var (
	metaBucket  = []byte("meta")
	logBucket   = []byte("log")
	formatKey   = []byte("format")
	revisionKey = []byte("revision")

	revisionSeal = store.Key{Kind: "meta", ID: "revision"}
	logSeal      = store.Key{Kind: "log"}

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

var errForeign = errors.New("the file belongs to another program")

type newerFormatError struct{ found int }

func (e *newerFormatError) Error() string { return fmt.Sprintf("format %d is too new", e.found) }

// initialize creates the buckets of a new file, checks those of an existing one
// and returns the current revision.
func initialize(tx *bbolt.Tx) (store.Revision, error) {
	first, _ := tx.Cursor().First()
	fresh := first == nil
	if fresh {
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return 0, err
		}
		if err := meta.Put(formatKey, []byte(strconv.Itoa(formatVersion))); err != nil {
			return 0, err
		}
		if err := putRevision(tx, 0); err != nil {
			return 0, err
		}
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil || meta.Get(formatKey) == nil {
		return 0, errForeign
	}
	format, err := strconv.Atoi(string(meta.Get(formatKey)))
	if err != nil || format < 1 {
		return 0, fmt.Errorf("%w: unreadable format version", errDamaged)
	}
	if format > formatVersion {
		return 0, &newerFormatError{found: format}
	}
	// An older program of the same format may not know all kinds.
	names := [][]byte{logBucket}
	for _, kind := range store.Kinds() {
		names = append(names, []byte(kind))
	}
	for _, name := range names {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return 0, err
		}
	}
	return getRevision(tx)
}

func getRevision(tx *bbolt.Tx) (store.Revision, error) {
	rev, _, ok := unseal(revisionSeal, tx.Bucket(metaBucket).Get(revisionKey))
	if !ok {
		return 0, fmt.Errorf("%w: unreadable revision", errDamaged)
	}
	return rev, nil
}

func putRevision(tx *bbolt.Tx, rev store.Revision) error {
	return tx.Bucket(metaBucket).Put(revisionKey, seal(revisionSeal, rev, nil))
}

// seal returns the stored form of a value. It shares no memory with content.
func seal(key store.Key, rev store.Revision, content []byte) []byte {
	b := make([]byte, sealBytes, sealBytes+len(content))
	binary.BigEndian.PutUint64(b, uint64(rev))
	binary.BigEndian.PutUint32(b[8:], checksum(key, b[:8], content))
	return append(b, content...)
}

// unseal reverses seal. The content it returns is part of b. It fails when b is
// not what seal returned for this key.
func unseal(key store.Key, b []byte) (rev store.Revision, content []byte, ok bool) {
	if len(b) < sealBytes {
		return 0, nil, false
	}
	content = b[sealBytes:]
	if binary.BigEndian.Uint32(b[8:]) != checksum(key, b[:8], content) {
		return 0, nil, false
	}
	return store.Revision(binary.BigEndian.Uint64(b)), content, true
}

func checksum(key store.Key, revision, content []byte) uint32 {
	// The zero byte ends the kind, which holds none itself.
	sum := crc32.Update(0, castagnoli, []byte(string(key.Kind)+"\x00"+key.ID))
	sum = crc32.Update(sum, castagnoli, revision)
	return crc32.Update(sum, castagnoli, content)
}

func logKey(rev store.Revision) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(rev))
}

// logEntry returns the stored form of "revision rev touched the keys of ops".
func logEntry(rev store.Revision, ops []store.Op) []byte {
	var b []byte
	for _, op := range ops {
		b = appendText(b, string(op.Kind))
		b = appendText(b, op.ID)
	}
	return seal(logSeal, rev, b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// parseLogEntry reverses logEntry. It fails when the entry is not the one of
// revision rev.
func parseLogEntry(rev store.Revision, entry []byte) ([]store.Key, bool) {
	found, b, ok := unseal(logSeal, entry)
	if !ok || found != rev {
		return nil, false
	}
	var keys []store.Key
	for r := bytes.NewReader(b); r.Len() > 0; {
		kind, okKind := readText(r)
		id, okID := readText(r)
		if !okKind || !okID {
			return nil, false
		}
		keys = append(keys, store.Key{Kind: store.Kind(kind), ID: id})
	}
	return keys, true
}

func readText(r *bytes.Reader) (string, bool) {
	n, err := binary.ReadUvarint(r)
	if err != nil || n > uint64(r.Len()) {
		return "", false
	}
	b := make([]byte, n)
	_, err = r.Read(b)
	return string(b), err == nil || n == 0
}
