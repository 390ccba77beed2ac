package auth

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite what is generated")

// What docs/tokens.md says of each role is what the tables say.
func TestRolesAreDocumented(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/tokens.md", "-update -->\n", "<!-- end -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has lost the comments around the table", file)
	}
	want := roleTable()
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the tables say; run go test ./api/auth -run Roles -update", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// roleTable is what each role may call, in Markdown.
func roleTable() string {
	var b strings.Builder
	b.WriteString("| role | service | methods |\n| --- | --- | --- |\n")
	for _, role := range []Role{Open, SDK, Viewer, Editor, Admin} {
		calls := map[string][]string{}
		for method, need := range methods {
			if need == role {
				service := path.Base(path.Dir(method))
				calls[service] = append(calls[service], path.Base(method))
			}
		}
		for route, need := range routes {
			if need == role {
				calls["REST"] = append(calls["REST"], strings.NewReplacer("{key...}", "KEY", "{id}", "ID").Replace(route))
			}
		}
		for _, service := range slices.Sorted(maps.Keys(calls)) {
			list := calls[service]
			slices.Sort(list)
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", role, service, "`"+strings.Join(list, "`, `")+"`")
		}
	}
	return b.String()
}
