package cli

import (
	"fmt"
	"runtime"
)

type versionCmd struct{}

// Run prints the version and what the binary was built from.
func (versionCmd) Run(app *App) error {
	_, err := fmt.Fprintln(app.Stdout, app.Build.String())
	return err
}

// String is the version in one line.
func (b Build) String() string {
	s := "streamdal-server " + b.Version
	if b.Commit != "" {
		s += " (" + b.Commit
		if b.Date != "" {
			s += ", " + b.Date
		}
		s += ")"
	}
	return fmt.Sprintf("%s %s %s/%s", s, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
