package auth

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// secrets are the fields that a caller's input is compared with.
var secrets = map[string]bool{"root": true, "sum": true}

// What callers must guess is compared in constant time, and nowhere otherwise: no operator
// and no other function gets to see it.
func TestTokensAreComparedInConstantTime_9_5_1(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		harmless := map[*ast.SelectorExpr]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "ConstantTimeCompare" {
					ast.Inspect(n, func(n ast.Node) bool {
						if s, ok := n.(*ast.SelectorExpr); ok && secrets[s.Sel.Name] {
							harmless[s], compared[s.Sel.Name] = true, true
						}
						return true
					})
				}
			case *ast.SelectorExpr:
				if secrets[n.Sel.Name] && !harmless[n] {
					t.Errorf("%s: %s is used other than in a comparison in constant time", files.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
	if len(compared) != len(secrets) {
		t.Errorf("got comparisons of %v, want %v", compared, secrets)
	}
}
