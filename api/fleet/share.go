package fleet

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	sessionpb "github.com/streamdal/streamdal-server/api/pb/session"
)

// share is what other nodes are told about a session besides its LiveInfo, and both encoded.
type share struct {
	dryRun, stream bool
	pending        []uint32 // places of audiences whose list is being sent
	encoded        []byte
}

// sharedOf returns what other nodes are told about a session. It is the same as long as
// nothing changes, which makes renewing the lease cheap. f.mu is held.
func (f *Fleet) sharedOf(s *session) []byte {
	entry := f.entryOf(s)
	var pending []uint32
	if s.stream != nil {
		for i, key := range entry.keys {
			if f.pending(s, s.subs[key]) {
				pending = append(pending, uint32(i))
			}
		}
	}
	told := &entry.share
	if told.encoded != nil && told.dryRun == s.dryRun && told.stream == (s.stream != nil) && slices.Equal(told.pending, pending) {
		return told.encoded
	}
	extra, err := proto.MarshalOptions{Deterministic: true}.Marshal(&sessionpb.Shared{
		Known: true, DryRun: s.dryRun, Stream: s.stream != nil, Pending: pending,
	})
	if err != nil {
		f.noteUnencodable(err)
	}
	*told = share{dryRun: s.dryRun, stream: s.stream != nil, pending: pending, encoded: slices.Concat(entry.encoded, extra)}
	return told.encoded
}

// pending says whether a stream has not been sent what an audience should run. f.mu is held.
func (f *Fleet) pending(s *session, u *sub) bool {
	return u.queued || s.stream.writing == u || f.outdated(u)
}

// hear reads what another node told of a session; ok is false for what cannot be read.
func hear(encoded []byte) (heard remoteSession, ok bool) {
	heard = remoteSession{encoded: encoded, info: &pb.LiveInfo{}, extra: &sessionpb.Shared{}}
	read := proto.UnmarshalOptions{DiscardUnknown: true}
	ok = read.Unmarshal(encoded, heard.info) == nil && read.Unmarshal(encoded, heard.extra) == nil
	return heard, ok
}
