package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What goreleaser puts into packages exists, or is generated; the unit finds there what it names.
func TestPackagesHaveWhatTheUnitNames(t *testing.T) {
	var release struct {
		NFPMs []struct {
			Bindir   string
			Contents []struct{ Src, Dst string }
			Scripts  map[string]string
		} `yaml:"nfpms"`
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if err := yaml.Unmarshal(read("../goreleaser.yaml"), &release); err != nil {
		t.Fatal(err)
	}
	if len(release.NFPMs) != 1 {
		t.Fatalf("got %d packages, want 1", len(release.NFPMs))
	}
	p, generate := release.NFPMs[0], string(read("generate.sh"))
	installed := map[string]bool{p.Bindir + "/streamdal-server": true}
	for _, c := range p.Contents {
		installed[c.Dst] = true
		if strings.HasPrefix(c.Src, "packaging/generated/") {
			if name, _, _ := strings.Cut(filepath.Base(c.Src), "."); !strings.Contains(generate, "packaging/generated/"+name) {
				t.Errorf("nothing generates %s", c.Src)
			}
			continue
		}
		read(filepath.Join("..", c.Src))
	}
	for _, s := range p.Scripts {
		read(filepath.Join("..", s))
	}
	unit := string(read("systemd/streamdal-server.service"))
	_, start, _ := strings.Cut(unit, "ExecStart=")
	start, _, _ = strings.Cut(start, "\n")
	for _, word := range strings.Fields(start) {
		if strings.HasPrefix(word, "/") && !installed[word] {
			t.Errorf("the unit names %s, which no package installs", word)
		}
	}
	if token := "/etc/streamdal-server/auth-token"; !strings.Contains(unit, "LoadCredential=auth-token:"+token) ||
		!strings.Contains(string(read("scripts/postinstall.sh")), "token="+token) {
		t.Errorf("the unit and postinstall.sh do not agree on %s", token)
	}
}
