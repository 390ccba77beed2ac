//go:build !no_ui

package main

import (
	"embed"
	"io/fs"
)

//go:embed all:ui/dist
var console embed.FS

// consoleFiles returns the built Console; index.html is at its root.
func consoleFiles() fs.FS {
	files, err := fs.Sub(console, "ui/dist")
	if err != nil {
		panic(err) // The path is a constant that embed has checked.
	}
	return files
}
