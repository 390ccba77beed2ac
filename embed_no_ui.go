//go:build no_ui

package main

import "io/fs"

// consoleFiles returns nil: this build leaves the Console out.
func consoleFiles() fs.FS { return nil }
