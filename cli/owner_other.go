//go:build !unix

package cli

import "io/fs"

// uidOf knows nothing: owners have no numbers here.
func uidOf(fs.FileInfo) (string, bool) { return "", false }

// streamOf knows nothing: there is no journal here.
func streamOf(fs.FileInfo) string { return "" }
