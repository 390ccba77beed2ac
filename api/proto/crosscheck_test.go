package proto

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// newer lists what the contract has and @streamdal/protos 0.1.57, the last
// release that was published, has not, as in testdata/wire.txt: lines of a block
// behind its heading, or a heading alone for a whole block.
var newer = map[string][]string{
	"message protos.Command":                {"  104 delete_audiences protos.DeleteAudiencesCommand oneof:command json:deleteAudiences"},
	"message protos.DeleteAudiencesCommand": nil,
}

// seeds is how many random messages of each type are tried in each direction.
const seeds = 40

// request and answer are the lines that crosscheck.mjs reads and writes.
type request struct {
	Op    string          `json:"op"`
	Type  string          `json:"type,omitempty"`
	Seed  int             `json:"seed,omitempty"`
	Bytes []byte          `json:"bytes"`
	JSON  json.RawMessage `json:"json,omitempty"`
}

type answer struct {
	Error    string              `json:"error"`
	Bytes    []byte              `json:"bytes"`
	JSON     json.RawMessage     `json:"json"`
	FromJSON []byte              `json:"fromJson"`
	Blocks   map[string][]string `json:"blocks"`
}

// ask has the original's generated TypeScript answer the requests.
func ask(t *testing.T, requests []request) []answer {
	t.Helper()
	if _, err := os.Stat("crosscheck/node_modules/@streamdal/protos"); err != nil {
		t.Fatal("the npm packages that this test compares with are missing: run `npm ci` in api/proto/crosscheck")
	}
	var in bytes.Buffer
	for _, r := range requests {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "crosscheck.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = "crosscheck", &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run crosscheck.mjs (it needs node 20 or later): %v", err)
	}
	var answers []answer
	lines := bufio.NewReader(bytes.NewReader(out))
	for range requests {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatalf("crosscheck.mjs answered %d of %d requests", len(answers), len(requests))
		}
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	return answers
}

// The release says of every message, enum and service what we say, except for
// what is newer.
func TestDescriptorsMatchTheRelease(t *testing.T) {
	t.Parallel()
	theirs := ask(t, []request{{Op: "describe"}})[0].Blocks
	ours := make(map[string][]string)
	for heading, lines := range describeBlocks(t) {
		heading, _ := reduced(heading)
		for _, line := range lines {
			if line, ok := reduced(line); ok {
				ours[heading] = append(ours[heading], line)
			}
		}
		if len(lines) == 0 {
			ours[heading] = nil
		}
	}
	for heading, lines := range ours {
		there, known := theirs[heading]
		added, listed := newer[heading]
		if wholeBlock := listed && len(added) == 0; known == wholeBlock {
			t.Errorf("%s: in the release %v, listed as newer %v", heading, known, wholeBlock)
			continue
		}
		for _, line := range lines {
			if in, isNew := slices.Contains(there, line), slices.Contains(added, line); known && in == isNew {
				t.Errorf("%s:%s: in the release %v, listed as newer %v", heading, line, in, isNew)
			}
		}
	}
	for heading, lines := range theirs {
		if _, known := ours[heading]; !known {
			t.Errorf("%s is in the release only", heading)
		}
		for _, line := range lines {
			if !slices.Contains(ours[heading], line) {
				t.Errorf("%s:%s is in the release only", heading, line)
			}
		}
	}
	for heading, lines := range newer {
		if _, known := ours[heading]; !known {
			t.Errorf("%s is listed as newer, and we have no such thing", heading)
		}
		for _, line := range lines {
			if !slices.Contains(ours[heading], line) {
				t.Errorf("%s:%s is listed as newer, and we have no such thing", heading, line)
			}
		}
	}
}

var (
	oneofName = regexp.MustCompile(`oneof:\w+`)
	// Every message has presence, with "optional" or without.
	optionalMessage = regexp.MustCompile(`( protos\.\S+) optional `)
)

// reduced cuts a line down to what protobuf-ts keeps; it reports false for one of
// which nothing is kept.
func reduced(line string) (string, bool) {
	line = strings.TrimSuffix(line, " deprecated")
	line = optionalMessage.ReplaceAllString(line, "$1 ")
	line = oneofName.ReplaceAllStringFunc(line, func(name string) string {
		words := strings.Split(name, "_")
		for i, w := range words[1:] {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
		return strings.Join(words, "")
	})
	return line, !strings.HasPrefix(line, "  reserved ")
}

// commonTypes returns every message type that the release has too.
func commonTypes(t *testing.T) []protoreflect.MessageType {
	t.Helper()
	var out []protoreflect.MessageType
	for _, file := range files() {
		for _, m := range messagesOf(file) {
			if lines, listed := newer["message "+string(m.FullName())]; listed && len(lines) == 0 {
				continue // all of it
			}
			mt, err := protoregistry.GlobalTypes.FindMessageByName(m.FullName())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, mt)
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d message types", len(out))
	}
	return out
}

// What Go writes, the release reads, and what it writes back is the same message:
// as bytes, with newer fields carried along, and as JSON.
func TestReleaseReadsOurs(t *testing.T) {
	t.Parallel()
	var sent []proto.Message
	var requests []request
	for _, mt := range commonTypes(t) {
		for seed := range seeds {
			m := newRandom(seed).message(mt, 0)
			if seed%2 == 0 { // the release's JSON refuses what it does not know
				dropNewer(m)
			}
			r := request{Op: "echo", Type: string(mt.Descriptor().FullName()), Bytes: marshal(t, m.Interface())}
			if seed%2 == 0 {
				r.JSON = marshalJSON(t, m.Interface())
			}
			sent, requests = append(sent, m.Interface()), append(requests, r)
		}
	}
	for i, a := range ask(t, requests) {
		want, r := sent[i], requests[i]
		if a.Error != "" {
			t.Errorf("%s: %s\n%v", r.Type, a.Error, want)
			continue
		}
		wantSame(t, "bytes to bytes", want, a.Bytes, proto.Unmarshal)
		if r.JSON != nil {
			wantSame(t, "bytes to JSON", want, a.JSON, protojson.Unmarshal)
			wantSame(t, "JSON to bytes", want, a.FromJSON, proto.Unmarshal)
		}
	}
}

// What the release writes, Go reads: bytes and JSON give the same message, without
// a field that is unknown to us, and it survives being written again.
func TestWeReadTheReleases(t *testing.T) {
	t.Parallel()
	var requests []request
	all := commonTypes(t)
	for _, mt := range all {
		for seed := range seeds {
			requests = append(requests, request{Op: "create", Type: string(mt.Descriptor().FullName()), Seed: seed})
		}
	}
	for i, a := range ask(t, requests) {
		r, mt := requests[i], all[i/seeds]
		if a.Error != "" {
			t.Errorf("%s: %s", r.Type, a.Error)
			continue
		}
		fromJSON := mt.New().Interface()
		if err := protojson.Unmarshal(a.JSON, fromJSON); err != nil { // refuses unknown fields
			t.Errorf("%s, seed %d: %v", r.Type, r.Seed, err)
			continue
		}
		wantSame(t, "bytes", fromJSON, a.Bytes, proto.Unmarshal)
		wantSame(t, "bytes again", fromJSON, marshal(t, fromJSON), proto.Unmarshal)
		wantSame(t, "JSON again", fromJSON, marshalJSON(t, fromJSON), protojson.Unmarshal)
	}
}

// wantSame decodes data and wants it to be want.
func wantSame(t *testing.T, what string, want proto.Message, data []byte, decode func([]byte, proto.Message) error) {
	t.Helper()
	got := want.ProtoReflect().New().Interface()
	if err := decode(data, got); err != nil {
		t.Errorf("%s: %s: %v\n%s", want.ProtoReflect().Descriptor().FullName(), what, err, data)
		return
	}
	if !proto.Equal(want, got) {
		t.Errorf("%s: %s: got %v\nwant %v", want.ProtoReflect().Descriptor().FullName(), what, got, want)
	}
}

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func marshalJSON(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
