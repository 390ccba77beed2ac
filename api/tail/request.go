package tail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// SessionKey is the metadata key with which a viewer asks for the payloads of one session
// only; TailRequest has no field for it.
const SessionKey = "tail-session-id"

// maxName bounds ids of tails and sessions, in bytes.
const maxName = 255

// Request is what a viewer wants to see. Its JSON is what nodes tell each other.
type Request struct {
	ID       string       `json:"id"`
	Audience audience.Key `json:"audience"`
	Session  string       `json:"session,omitempty"` // the only one whose payloads are shown; "" shows all
	// Rate payloads are shown per Seconds, the first ones that come. Rate 0 shows all.
	Rate    uint32 `json:"rate,omitempty"`
	Seconds uint32 `json:"seconds,omitempty"`
}

// unlimited is what SDKs are asked for when the viewer wants everything. The Go SDK itself
// sends no more than 100 per second.
const unlimited = 1000

// Parse checks what a viewer sent. The texts of its errors are the original's as far as the
// original had any.
func Parse(r *pb.TailRequest, session string) (Request, error) {
	switch {
	case r.GetType() == pb.TailRequestType_TAIL_REQUEST_TYPE_UNSET:
		return Request{}, invalid("enum 'Type' cannot be unset")
	case r.GetId() == "":
		return Request{}, invalid("field 'Id' cannot be empty")
	case r.GetAudience() == nil:
		return Request{}, invalid("field 'Audience' cannot be nil")
	case r.GetType() != pb.TailRequestType_TAIL_REQUEST_TYPE_START:
		return Request{}, invalid("type must be TAIL_REQUEST_TYPE_START; end the stream to stop a tail, call PauseTail or ResumeTail to pause it")
	}
	if err := checkName("Id", r.GetId()); err != nil {
		return Request{}, err
	}
	if err := checkName(SessionKey, session); err != nil {
		return Request{}, err
	}
	if err := audience.CheckSDK(r.GetAudience()); err != nil {
		return Request{}, invalid("%s", err)
	}
	parsed := Request{ID: r.GetId(), Audience: audience.KeyOf(r.GetAudience()), Session: session}
	if rate := r.GetSampleOptions().GetSampleRate(); rate > 0 {
		parsed.Rate, parsed.Seconds = rate, max(1, r.GetSampleOptions().GetSampleIntervalSeconds())
	}
	return parsed, nil
}

func checkName(field, value string) error {
	if len(value) > maxName {
		return invalid("field '%s' has %d bytes, at most %d are allowed", field, len(value), maxName)
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return invalid("field '%s' contains invalid characters", field)
	}
	return nil
}

func invalid(format string, args ...any) error { return failure.New(failure.Invalid, format, args...) }

// shows says whether a payload is one that the viewer wants to see.
func (r Request) shows(p *payload) bool {
	return r.Audience == p.audience && (r.Session == "" || r.Session == p.response.GetSessionId())
}
