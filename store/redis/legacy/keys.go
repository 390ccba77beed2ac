package legacy

import "strings"

// class says what a key of the original server holds.
type class uint8

const (
	foreign         class = iota // not the original's, or not known to it any more
	ephemeral                    // who is connected, and tails: over when the original ends
	liveSession                  // of ephemeral, what shows that the original runs
	ours                         // this server's own
	pipelineKey                  // rest: id in lower case
	audienceKey                  // rest: audience; the value is its assignment
	creatorKey                   // rest: audience:created_by; no value
	notificationKey              // rest: id in lower case
	schemaKey                    // rest: audience
	wasmKey                      // rest: name:id in lower case
	kvKey                        // rest: key
	countersKey                  // JSON
	installKey                   // text
	creationKey                  // seconds since 1970
)

// patterns match all keys of the original server, and more.
var patterns = []string{"streamdal_*", kvPrefix + "*"}

const (
	kvPrefix  = "kv:"
	namespace = "streamdal_"
)

// prefixes are looked at in order.
var prefixes = []struct {
	text  string
	class class
}{
	{"streamdal_{", ours},
	{"streamdal_live:{", ours},
	{"streamdal_bus:", ours},
	{"streamdal_live:", liveSession},
	{"streamdal_tail:", ephemeral},
	{"streamdal_tail_paused:", ephemeral},
	{"streamdal_telemetry:", ephemeral},
	{"streamdal_notification_assoc:", ephemeral}, // never written by the last releases
	{"streamdal_pipeline:", pipelineKey},
	{"streamdal_audience:", audienceKey},
	{"streamdal_audience_created_by:", creatorKey},
	{"streamdal_notification_config:", notificationKey},
	{"streamdal_schema:", schemaKey},
	{"streamdal_wasm:", wasmKey},
	{kvPrefix, kvKey},
}

// classify returns what a key holds, and the part after what says so.
func classify(key string) (c class, rest string) {
	switch key {
	case "streamdal_counters":
		return countersKey, ""
	case "streamdal_install_id":
		return installKey, ""
	case "streamdal_settings:creation_date":
		return creationKey, ""
	}
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(key, p.text); ok {
			return p.class, rest
		}
	}
	return foreign, key
}

// splitCreator takes the audience and the creator out of a key. The creator may hold
// colons, the names of an audience that can be read back do not.
func splitCreator(rest string) (audience, creator string, ok bool) {
	parts := strings.SplitN(rest, ":", 5)
	if len(parts) < 5 {
		return "", "", false
	}
	return strings.Join(parts[:4], ":"), parts[4], true
}
