package redis

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/streamdal/streamdal-server/store"
)

// The layout. Everything durable carries the hash tag {config}, so that it lives
// on one node of a Cluster and one script can touch all of it:
//
//	streamdal_{config}:revision   hash: revision, tag of that change, incarnation, format
//	streamdal_{config}:log        hash: revision -> log entry, of the last changes
//	streamdal_{config}:<kind>     hash: id -> sealed value
//	streamdal_{config}:nodes      set of the names of nodes that have, or had, a lease
//	streamdal_live:{<node>}       hash with a time to live: what one node announces
//
// A sealed value is the revision that wrote it (16 decimal digits), a CRC-32C of
// key and content (8 hexadecimal digits), and the content. The script that assigns
// the revision puts it in front; the rest is made here.
//
// A log entry is the random tag of its change (16 hexadecimal digits), a CRC-32C of
// what follows and of the tag (8), and the touched keys as netstrings.
const (
	prefix      = "streamdal_{config}:"
	revisionKey = prefix + "revision"
	logKey      = prefix + "log"
	nodesKey    = prefix + "nodes"
	stagePrefix = prefix + "restore:"
	hintChannel = prefix + "hints"
	livePrefix  = "streamdal_live:"
	busPrefix   = "streamdal_bus:"

	// formatVersion is written with every change. Raise it when an older program
	// would misread the data.
	formatVersion = 1

	tagBytes      = 16
	revisionBytes = 16
	sumBytes      = 8
	sealBytes     = revisionBytes + sumBytes
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// scriptKeys are the KEYS of every script on the durable part: the revision, the
// log, and the kinds in the order of store.Kinds.
var scriptKeys = func() []string {
	keys := []string{revisionKey, logKey}
	for _, kind := range store.Kinds() {
		keys = append(keys, kindKey(kind))
	}
	return keys
}()

// kindIndex says which of a script's KEYS a kind has, counted from 1.
var kindIndex = func() map[store.Kind]int {
	index := make(map[store.Kind]int)
	for i, kind := range store.Kinds() {
		index[kind] = i + 3
	}
	return index
}()

func kindKey(kind store.Kind) string { return prefix + string(kind) }

func liveKey(node string) string { return livePrefix + "{" + node + "}" }

// newTag returns a random name for a change, an incarnation or a process.
func newTag() string {
	b := make([]byte, tagBytes/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// revisionText is how a revision stands in front of a sealed value.
func revisionText(rev store.Revision) string { return fmt.Sprintf("%0*d", revisionBytes, rev) }

// seal returns a value as a script stores it, without the revision.
func seal(key store.Key, content []byte) string {
	var b strings.Builder
	b.Grow(sumBytes + len(content))
	b.WriteString(checksum(string(key.Kind), key.ID, string(content)))
	b.Write(content)
	return b.String()
}

// unseal reverses seal and the script. It fails when sealed is not what they made
// for this key, at a revision up to now.
func unseal(key store.Key, sealed string, now store.Revision) (rev store.Revision, content []byte, ok bool) {
	if len(sealed) < sealBytes {
		return 0, nil, false
	}
	n, err := strconv.ParseUint(sealed[:revisionBytes], 10, 64)
	if err != nil || n == 0 || store.Revision(n) > now {
		return 0, nil, false
	}
	text := sealed[sealBytes:]
	if sealed[revisionBytes:sealBytes] != checksum(string(key.Kind), key.ID, text) {
		return 0, nil, false
	}
	return store.Revision(n), []byte(text), true
}

// checksum covers several texts, of which only the last may contain a zero byte
// that is not at its end: ids may, but a kind does not.
func checksum(texts ...string) string {
	sum := uint32(0)
	for i, text := range texts {
		sum = crc32.Update(sum, castagnoli, []byte(text))
		if i == 0 {
			sum = crc32.Update(sum, castagnoli, []byte{0})
		}
	}
	return fmt.Sprintf("%0*x", sumBytes, sum)
}

// logEntry returns the stored form of "the change tag touched the keys of ops".
func logEntry(tag string, ops []store.Op) string {
	var b strings.Builder
	for _, op := range ops {
		for _, text := range [...]string{string(op.Kind), op.ID} {
			b.WriteString(strconv.Itoa(len(text)))
			b.WriteByte(':')
			b.WriteString(text)
		}
	}
	keys := b.String()
	return tag + checksum(tag, keys) + keys
}

// parseLogEntry reverses logEntry.
func parseLogEntry(entry string) (tag string, keys []store.Key, ok bool) {
	if len(entry) < tagBytes+sumBytes {
		return "", nil, false
	}
	tag, sum, rest := entry[:tagBytes], entry[tagBytes:tagBytes+sumBytes], entry[tagBytes+sumBytes:]
	if sum != checksum(tag, rest) {
		return "", nil, false
	}
	for rest != "" {
		var kind, id string
		if kind, rest, ok = cutNetstring(rest); !ok {
			return "", nil, false
		}
		if id, rest, ok = cutNetstring(rest); !ok {
			return "", nil, false
		}
		keys = append(keys, store.Key{Kind: store.Kind(kind), ID: id})
	}
	return tag, keys, true
}

func cutNetstring(s string) (text, rest string, ok bool) {
	length, rest, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(length, 10, 31)
	if !ok || err != nil || n > uint64(len(rest)) || strconv.FormatUint(n, 10) != length {
		return "", "", false
	}
	return rest[:n], rest[n:], true
}

// tagOf returns the tag of a log entry without looking at the rest, "" for none.
func tagOf(entry string) string {
	if len(entry) < tagBytes {
		return ""
	}
	return entry[:tagBytes]
}
