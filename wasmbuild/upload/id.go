package upload

import (
	"crypto/sha256"

	"github.com/google/uuid"
)

// idSuffix tells an uploaded module from a bundled one with the same bytes.
const idSuffix = "~custom~"

// ID is the id that a module gets when it is uploaded: the one the original server gave it,
// so that pipelines which name it keep working. It is made of the bytes alone.
func ID(module []byte) string {
	h := sha256.New()
	h.Write(module)
	h.Write([]byte(idSuffix))
	return uuid.UUID(h.Sum(nil)[sha256.Size-16:]).String()
}
