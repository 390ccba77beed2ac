package wasmbuild

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/google/jsonschema-go/jsonschema" // for its testdata
	_ "github.com/xeipuuv/gojsonschema"            // for its testdata

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// suites are copies of the official JSON-Schema-Test-Suite, in Go modules.
var suites = []struct {
	name, module, dir string
	draft             steps.JSONSchemaDraft
}{
	{"draft 4, gojsonschema 1.2.0", "github.com/xeipuuv/gojsonschema", "testdata/draft4", steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_04},
	{"draft 6, gojsonschema 1.2.0", "github.com/xeipuuv/gojsonschema", "testdata/draft6", steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_06},
	{"draft 7, gojsonschema 1.2.0", "github.com/xeipuuv/gojsonschema", "testdata/draft7", steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07},
	{"draft 7, jsonschema-go 0.4.3", "github.com/google/jsonschema-go", "jsonschema/testdata/draft7", steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07},
}

// suiteRemote are the groups that need other documents, which are not fetched.
var suiteRemote = map[string]bool{
	"remote ref":                                                  true,
	"fragment within remote ref":                                  true,
	"ref within remote ref":                                       true,
	"base URI change":                                             true,
	"base URI change - change folder":                             true,
	"base URI change - change folder in subschema":                true,
	"root ref in remote ref":                                      true,
	"remote ref with ref to definitions":                          true,
	"Location-independent identifier in remote ref":               true,
	"retrieved nested refs resolve relative to their URI not $id": true,
	"$ref to $ref finds location-independent $id":                 true,
}

// suiteExceptions are the cases, all of them optional, in which we differ, and why.
var suiteExceptions = map[string]string{
	"zeroTerminatedFloats.json: a float is not an integer even without fractional part": "1.0 is an integer in every draft, as in the original",

	"iri.json: a valid IRI based on IPv6":        "an address of IPv6 needs brackets; later versions of the suite say so",
	"uri-template.json: an invalid uri-template": "uri-template is a remark",
	"format.json: an invalid uri-template":       "uri-template is a remark",

	"regex.json: a regular expression with unclosed parens is invalid":        "regex is a remark",
	"ecmascript-regex.json: ECMA 262 has no support for \\Z anchor from .NET": "regex is a remark",

	"idn-hostname.json: illegal first char U+302E Hangul single dot tone mark":    "idn-hostname is a remark",
	"idn-hostname.json: contains illegal char U+302E Hangul single dot tone mark": "idn-hostname is a remark",
	"idn-hostname.json: a host name with a component too long":                    "idn-hostname is a remark",

	"content.json: an invalid JSON document":                              "contentMediaType is a remark",
	"content.json: an invalid base64 string (% is not a valid character)": "contentEncoding is a remark",
	"content.json: a validly-encoded invalid JSON document":               "contentMediaType is a remark",
	"content.json: an invalid base64 string that is valid JSON":           "contentEncoding is a remark",
}

// suiteGroup is a schema of the suite and payloads to hold against it.
type suiteGroup struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}
}

// suiteCount is what a suite came to, in cases.
type suiteCount struct {
	mu                             sync.Mutex
	required, optional             int // pass
	remote, requiredNot, remarkNot int // are listed below
}

// TestSchemaSuite runs the official test suite through compiled modules, and
// holds the table in the documentation against what it counts.
func TestSchemaSuite(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/schema-validation.md")
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(t)
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(moduleDir(t, s.module), s.dir)
			count := &suiteCount{}
			t.Run("files", func(t *testing.T) { runSuite(t, b, root, s.draft, count) })
			row := fmt.Sprintf("| %s | %d | %d | %d | %d |", s.name, count.required, count.optional, count.remote, count.remarkNot)
			t.Log(row)
			if count.requiredNot > 0 {
				t.Errorf("%d required cases fail", count.requiredNot)
			}
			if !strings.Contains(string(docs), row+"\n") {
				t.Errorf("docs/schema-validation.md lacks the row %s", row)
			}
		})
	}
}

func runSuite(t *testing.T, b *Builder, root string, draft steps.JSONSchemaDraft, count *suiteCount) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err == nil {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				runSuiteFile(t, b, path, name, draft, count)
			})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// moduleDir finds a module of go.mod in the module cache.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil || len(strings.TrimSpace(string(dir))) == 0 {
		t.Fatalf("module %s is not there (%v): run go mod download", module, err)
	}
	return strings.TrimSpace(string(dir))
}

func runSuiteFile(t *testing.T, b *Builder, path, name string, draft steps.JSONSchemaDraft, count *suiteCount) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var groups []suiteGroup
	if err := json.Unmarshal(text, &groups); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	engine := newRunner(t, runner.Options{Interpreter: true})
	for _, g := range groups {
		m, err := b.Step(t.Context(), schemaStep(string(g.Schema), draft), pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
		if suiteRemote[g.Description] && name == "refRemote.json" {
			if err == nil || !strings.Contains(err.Error(), "other documents are not fetched") {
				t.Errorf("%s: a remote reference gives %v", g.Description, err)
			}
			count.add(&count.remote, len(g.Tests))
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", g.Description, err)
			continue
		}
		i, err := engine.Load(t.Context(), m.Bytes, m.Function)
		if err != nil {
			t.Fatal(err)
		}
		runSuiteGroup(t, i, name, g, count)
	}
}

func runSuiteGroup(t *testing.T, i *runner.Instance, name string, g suiteGroup, count *suiteCount) {
	pass, fail := &count.required, &count.requiredNot
	if strings.HasPrefix(name, "optional") {
		pass, fail = &count.optional, &count.remarkNot
	}
	for _, c := range g.Tests {
		r, err := i.Call(t.Context(), &pb.WASMRequest{InputPayload: c.Data})
		if err != nil {
			t.Fatalf("%s: %s: %v", g.Description, c.Description, err)
		}
		got := r.GetExitCode() == pb.WASMExitCode_WASM_EXIT_CODE_TRUE
		reason := suiteExceptions[filepath.Base(name)+": "+c.Description]
		switch {
		case got == c.Valid && reason != "":
			t.Errorf("%s: %s passes, but is listed as an exception", g.Description, c.Description)
		case got == c.Valid:
			count.add(pass, 1)
		case reason == "":
			t.Errorf("%s: %s: got %v %q", g.Description, c.Description, got, r.GetExitMsg())
			count.add(fail, 1)
		default:
			count.add(fail, 1)
		}
	}
}

func (c *suiteCount) add(to *int, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*to += n
}

// schemaStep is a step that payloads should match.
func schemaStep(text string, draft steps.JSONSchemaDraft) *pb.PipelineStep {
	return &pb.PipelineStep{Name: "schema", Step: &pb.PipelineStep_SchemaValidation{SchemaValidation: &steps.SchemaValidationStep{
		Type:      steps.SchemaValidationType_SCHEMA_VALIDATION_TYPE_JSONSCHEMA,
		Condition: steps.SchemaValidationCondition_SCHEMA_VALIDATION_CONDITION_MATCH,
		Options:   &steps.SchemaValidationStep_JsonSchema{JsonSchema: &steps.SchemaValidationJSONSchema{JsonSchema: []byte(text), Draft: draft}},
	}}}
}
