package sdk

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
)

const (
	// keptVersions is how many versions of a schema are kept, the current one among them.
	keptVersions = 20
	// keptBytes bounds them together, because every node holds them in memory: wide schemas
	// keep fewer versions. The current one always stays.
	keptBytes = 256 << 10
)

// continued returns a history with one more version, without the oldest that are too many.
func continued(h *console.SchemaHistory, next *pb.Schema, now time.Time) *console.SchemaHistory {
	versions := append(proto.CloneOf(h).GetVersions(), &console.SchemaVersion{
		Version: next.GetXVersion(), JsonSchema: next.GetJsonSchema(), SinceUnixTsNs: now.UnixNano(),
	})
	first, size := len(versions)-1, len(next.GetJsonSchema())
	for first > 0 && len(versions)-first < keptVersions {
		if size += len(versions[first-1].GetJsonSchema()); size > keptBytes {
			break
		}
		first--
	}
	return &console.SchemaHistory{Versions: versions[first:]}
}
