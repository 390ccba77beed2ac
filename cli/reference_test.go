package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/cli/manual"
)

// The reference in docs/configuration.md is what the program has.
func TestReference(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../docs/configuration.md", "-update -->\n", "<!-- end -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has lost the comments around the reference", file)
	}
	g, err := newGrammar(&App{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	if err := manual.Reference(&want, g.Model, "serve"); err != nil {
		t.Fatal(err)
	}
	if got == want.String() {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the flags are; run go test ./cli -run Reference -update", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+want.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
