//go:build !unix

package cli

import "io/fs"

// uidOf knows nothing: owners have no numbers here.
func uidOf(fs.FileInfo) (string, bool) { return "", false }
