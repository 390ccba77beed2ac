package monitoring

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	b, err := os.ReadFile("alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 20 {
		t.Fatalf("got %d groups", len(file.Groups))
	}
	return file.Groups[0].Rules
}

type panel struct {
	ID          int
	Type, Title string
	Description string
	GridPos     struct{ X, Y, W, H int }
	Targets     []struct{ RefID, Expr string }
}

func dashboard(t *testing.T) []panel {
	t.Helper()
	b, err := os.ReadFile("dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct{ Panels []panel }
	if err := json.Unmarshal(b, &board); err != nil {
		t.Fatal(err)
	}
	return board.Panels
}

// questions are the expressions of the documentation.
func questions(t *testing.T) (list []string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, line := range strings.Split(block[1], "\n") {
			if line != "" && line[0] != '#' {
				list = append(list, line)
			}
		}
	}
	if len(list) == 0 {
		t.Error("docs/operations.md asks nothing")
	}
	return list
}

// Prometheus itself adds these.
var added = []string{"job", "instance"}

// Everything that alerts, panels and documents ask for is what servers show: metrics, labels
// and, where they are fixed, values of labels.
func TestExpressionsAskForWhatServersShow(t *testing.T) {
	have := scrape(t)
	have["up"] = map[string]map[string]bool{}
	asked := map[string]string{}
	for _, a := range alerts(t) {
		asked[a.Expr] = a.Alert
	}
	for _, p := range dashboard(t) {
		for _, target := range p.Targets {
			asked[target.Expr] = "panel " + p.Title
		}
	}
	for _, q := range questions(t) {
		asked[q] = "docs/operations.md"
	}
	for expr, where := range asked {
		for _, problem := range have.check(expr) {
			t.Errorf("%s: %s: %s", where, expr, problem)
		}
	}
	for _, bad := range []string{
		"streamdal_no_such_metric > 0", `streamdal_sessions{lang="go"}`, `streamdal_auth_failures_total{kind="x"}`,
		"sum by (what) (streamdal_sessions)", `streamdal_auth_failures_total{kind=~"login|x"}`, "sum(",
	} {
		if len(have.check(bad)) != 1 {
			t.Errorf("%s: got problems %q, want one", bad, have.check(bad))
		}
	}
}

// check returns what is wrong with an expression.
func (s shown) check(expr string) (problems []string) {
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(strings.ReplaceAll(expr, "$__rate_interval", "5m"))
	if err != nil {
		return []string{err.Error()}
	}
	known := map[string]bool{}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		selector, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		series, found := s[selector.Name]
		if !found {
			problems = append(problems, "no server shows "+selector.Name)
		}
		for name := range series {
			known[name] = true
		}
		for _, m := range selector.LabelMatchers {
			if m.Name != model.MetricNameLabel && !slices.Contains(added, m.Name) && found {
				problems = append(problems, matched(m, series[m.Name])...)
			}
		}
		return nil
	})
	if len(problems) > 0 {
		return problems
	}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		if by, ok := n.(*parser.AggregateExpr); ok {
			for _, name := range by.Grouping {
				if !known[name] && !slices.Contains(added, name) {
					problems = append(problems, "nothing here has the label "+name)
				}
			}
		}
		return nil
	})
	return problems
}

// matched wants that each alternative of a matcher is a value that servers show.
func matched(m *labels.Matcher, values map[string]bool) (problems []string) {
	if values == nil {
		return []string{"it has no label " + m.Name}
	}
	for _, value := range strings.Split(m.Value, "|") {
		if !values[value] {
			problems = append(problems, fmt.Sprintf("%s is never %q", m.Name, value))
		}
	}
	return problems
}

// Whoever is woken gets a sentence, a reason and a page with a heading for just this alert.
func TestAlertsLeadSomewhere(t *testing.T) {
	page, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(string(page), -1) {
		headings[m[1]] = true
	}
	for _, a := range alerts(t) {
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s: no summary or description", a.Alert)
		}
		want := "https://github.com/streamdal/streamdal-server/blob/main/docs/alerts.md#" + strings.ToLower(a.Alert)
		if got := a.Annotations["runbook_url"]; got != want {
			t.Errorf("%s: got runbook %s, want %s", a.Alert, got, want)
		}
		if !headings[a.Alert] {
			t.Errorf("docs/alerts.md has no heading %s", a.Alert)
		}
		delete(headings, a.Alert)
		if s := a.Labels["severity"]; s != "page" && s != "ticket" {
			t.Errorf("%s: severity %q", a.Alert, s)
		}
		if _, err := time.ParseDuration(a.For); err != nil {
			t.Errorf("%s: for: %v", a.Alert, err)
		}
	}
	for name := range headings {
		t.Errorf("docs/alerts.md tells of %s, which is no alert", name)
	}
}

// Grafana shows panels where they are, and each once.
func TestDashboardIsOrderly(t *testing.T) {
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range dashboard(t) {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s: id %d is taken", p.Title, p.ID)
		}
		ids[p.ID] = true
		if p.Type != "row" && (len(p.Targets) == 0 || p.Title == "" || p.Description == "") {
			t.Errorf("panel %d lacks a title, a description or an expression", p.ID)
		}
		g := p.GridPos
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other, found := taken[[2]int{x, y}]; found || x >= 24 {
					t.Fatalf("%s is over %q", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
