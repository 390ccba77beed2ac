// Command streamdal-server serves data rules to SDKs and the Console to people.
package main

import (
	"os"

	_ "golang.org/x/crypto/x509roots/fallback" // for calls from a container that holds nothing else

	"github.com/streamdal/streamdal-server/cli"
)

// Set by the linker in releases.
var (
	version = "dev"
	commit  = ""
	date    = ""
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.App{
		Build:   cli.Build{Version: version, Commit: commit, Date: date},
		Console: consoleFiles(),
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Getenv:  os.Getenv,
	}))
}
