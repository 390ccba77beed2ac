package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// defects is how many defects each part of the list has.
var defects = map[string]int{"9.1": 15, "9.2": 29, "9.3": 6, "9.4": 6, "9.5": 10, "9.6": 12}

var (
	defectRow  = regexp.MustCompile(`^\| (9\.\d\.\d+) \| ([^|]+) \| ([^|]+) \|$`)
	testOfRow  = regexp.MustCompile("`(Test\\w+)`")
	cannotHere = regexp.MustCompile(`^cannot occur: .+`)
)

// Every defect has a row, and what a row promises is there: tests that exist and name it, or
// a reason.
func TestDefectsAreGuardedAgainst(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "defects.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfRepository(t)
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		row := defectRow.FindStringSubmatch(line)
		if row == nil {
			if strings.HasPrefix(line, "| 9") {
				t.Errorf("not a row: %s", line)
			}
			continue
		}
		number, guards := row[1], row[3]
		if seen[number] {
			t.Errorf("%s has two rows", number)
		}
		seen[number] = true
		names := testOfRow.FindAllStringSubmatch(guards, -1)
		if len(names) == 0 && !cannotHere.MatchString(guards) {
			t.Errorf("%s names neither a test nor why it cannot occur", number)
		}
		for _, name := range names {
			if sources := tests[name[1]]; len(sources) == 0 {
				t.Errorf("%s: there is no %s", number, name[1])
			} else if !mentions(name[1], sources, number) {
				t.Errorf("%s: neither the name of %s nor a comment in it mentions the number", number, name[1])
			}
		}
	}
	for part, n := range defects {
		for i := range n {
			if number := fmt.Sprintf("%s.%d", part, i+1); !seen[number] {
				t.Errorf("%s has no row", number)
			}
			delete(seen, fmt.Sprintf("%s.%d", part, i+1))
		}
	}
	for number := range seen {
		t.Errorf("%s is no defect", number)
	}
}

// testsOfRepository returns the source of every test, comments included, by its name, which
// several packages may use.
func testsOfRepository(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "ui" || entry.Name() == ".git"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, source, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			from := f.Pos()
			if f.Doc != nil {
				from = f.Doc.Pos()
			}
			found[f.Name.Name] = append(found[f.Name.Name], string(source[files.Position(from).Offset:files.Position(f.End()).Offset]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// mentions reports whether a test or its source says a number.
func mentions(name string, sources []string, number string) bool {
	inName := regexp.MustCompile("_" + strings.ReplaceAll(number, ".", "_") + `(_|$)`)
	inText := regexp.MustCompile(`\b` + regexp.QuoteMeta(number) + `\b`)
	for _, s := range sources {
		if inName.MatchString(name) || inText.MatchString(s) {
			return true
		}
	}
	return false
}
