// Command streamdal-server serves data rules to SDKs and the Console to people.
package main

import (
	"os"

	"github.com/streamdal/streamdal-server/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
