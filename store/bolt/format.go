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

// initialize makes sure that a file is ours, creates the buckets it lacks and
// returns its revision. A file that is as it should be is not written to.
func initialize(file *bbolt.DB) (store.Revision, error) {
	var complete bool
	var rev store.Revision
	err := file.View(func(tx *bbolt.Tx) (err error) {
		if complete, err = inspect(tx); err == nil && complete {
			rev, err = getRevision(tx)
		}
		return err
	})
	if err != nil || complete {
		return rev, err
	}
	err = file.Update(func(tx *bbolt.Tx) (err error) {
		if err := createBuckets(tx); err != nil {
			return err
		}
		rev, err = getRevision(tx)
		return err
	})
	return rev, err
}

// inspect reports whether a file has all buckets. It refuses files that are not
// ours to write to.
func inspect(tx *bbolt.Tx) (complete bool, err error) {
	if first, _ := tx.Cursor().First(); first == nil {
		return false, nil
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil || meta.Get(formatKey) == nil {
		return false, errForeign
	}
	format, err := strconv.Atoi(string(meta.Get(formatKey)))
	if err != nil || format < 1 {
		return false, fmt.Errorf("%w: unreadable format version", errDamaged)
	}
	if format > formatVersion {
		return false, &newerFormatError{found: format}
	}
	for _, name := range buckets() {
		if tx.Bucket(name) == nil {
			return false, nil
		}
	}
	return true, nil
}

// createBuckets creates what is missing: everything in a new file, a kind in one
// by an older program that did not know it.
func createBuckets(tx *bbolt.Tx) error {
	fresh := tx.Bucket(metaBucket) == nil
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	if !fresh {
		return nil
	}
	if err := putRevision(tx, 0); err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(formatKey, []byte(strconv.Itoa(formatVersion)))
}

func buckets() [][]byte {
	names := [][]byte{metaBucket, logBucket}
	for _, kind := range store.Kinds() {
		names = append(names, []byte(kind))
	}
	return names
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
