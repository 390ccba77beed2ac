package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	// maxExcerpt bounds what a message shows of a payload, and so what the queue holds.
	maxExcerpt = 32 << 10
	// maxPaths and maxPath bound what is looked for in one payload.
	maxPaths = 100
	maxPath  = 1 << 10
	// maxIndented is how deep JSON may be to be printed with indentation, which grows with
	// the square of the depth.
	maxIndented = 64
)

// Why there is no payload in a message that should have one.
const (
	noPayload  = "(the SDK sent no payload)"
	notJSON    = "(the payload is not JSON, so no paths can be selected)"
	noPaths    = "(the step selects no paths)"
	noneExists = "(none of the selected paths is in the payload)"
)

// excerpt returns what a message shows of a payload, as the step wants it.
func excerpt(rule *pb.PipelineStepNotification, payload []byte) string {
	switch rule.GetPayloadType() {
	case pb.PipelineStepNotification_PAYLOAD_TYPE_FULL_PAYLOAD:
		if len(payload) == 0 {
			return noPayload
		}
		return pretty(payload)
	case pb.PipelineStepNotification_PAYLOAD_TYPE_SELECT_PATHS:
		return selected(rule.GetPaths(), payload)
	default:
		return ""
	}
}

func selected(paths []string, payload []byte) string {
	switch {
	case len(payload) == 0:
		return noPayload
	case len(paths) == 0:
		return noPaths
	case !json.Valid(payload): // before gjson, which takes anything, and to bound the depth
		return notJSON
	}
	result := pick(paths, payload)
	if len(result) == 0 {
		return noneExists
	}
	text, err := json.Marshal(result)
	if err != nil {
		return notJSON // gjson found something in the payload that is no value
	}
	return pretty(text)
}

// node is an object of the result. Its values are nodes and json.RawMessage.
type node map[string]any

// pick returns the values at paths, nested as the paths say. A value that is wanted whole
// stays whole when parts of it are wanted as well.
func pick(paths []string, payload []byte) node {
	root := node{}
	size := 0
	for _, path := range paths[:min(len(paths), maxPaths)] {
		if path == "" || len(path) > maxPath || computes(path) {
			continue
		}
		found := gjson.GetBytes(payload, path)
		if !found.Exists() || found.Raw == "" {
			continue
		}
		if size += len(found.Raw); size > maxExcerpt {
			root.put(split(path), json.RawMessage(`"(too long to show)"`))
			continue
		}
		root.put(split(path), json.RawMessage(found.Raw))
	}
	return root
}

func (n node) put(path []string, value json.RawMessage) {
	for _, name := range path[:len(path)-1] {
		inner, ok := n[name].(node)
		if !ok {
			if n[name] != nil {
				return // the whole is there
			}
			inner = node{}
			n[name] = inner
		}
		n = inner
	}
	n[path[len(path)-1]] = value
}

// computes reports whether a path makes something of the payload instead of naming a part of
// it. gjson's modifiers may run over it any number of times, and the result has no place among
// the others. A key such as @timestamp is none.
func computes(path string) bool {
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '@':
			end := i + 1
			for end < len(path) && (path[end] >= 'a' && path[end] <= 'z' || path[end] >= 'A' && path[end] <= 'Z') {
				end++
			}
			if gjson.ModifierExists(path[i+1:end], nil) {
				return true
			}
		case '!', '{', '[':
			if i == 0 || strings.IndexByte(".|(,:", path[i-1]) >= 0 {
				return true
			}
		}
	}
	return false
}

// split divides a path at its dots. A backslash takes the next character as it is.
func split(path string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '\\' && i+1 < len(path):
			i++
			part.WriteByte(path[i])
		case path[i] == '.':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(path[i])
		}
	}
	return append(parts, part.String())
}

// pretty returns text that people can read: a JSON object indented, anything else as it is.
func pretty(payload []byte) string {
	trimmed := bytes.TrimSpace(payload)
	if len(trimmed) > 0 && trimmed[0] == '{' && len(trimmed) <= maxExcerpt && json.Valid(trimmed) && depth(trimmed) <= maxIndented {
		var out bytes.Buffer
		if json.Indent(&out, trimmed, "", "  ") == nil {
			payload = out.Bytes()
		}
	}
	if len(payload) <= maxExcerpt {
		return cut(string(payload), maxExcerpt)
	}
	return cut(string(payload[:min(len(payload), maxExcerpt+utf8.UTFMax)]), maxExcerpt) + fmt.Sprintf("\n(cut off; the payload has %d bytes)", len(payload))
}

// depth returns how deep valid JSON is nested.
func depth(text []byte) int {
	deepest, now, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// cut returns at most limit bytes of valid UTF-8, whole characters.
func cut(text string, limit int) string {
	text = strings.ToValidUTF8(text[:min(len(text), limit+utf8.UTFMax)], "\uFFFD")
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
