package cli

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/streamdal/streamdal-server/cli/settings"
)

type fileFlag struct {
	Config string `name:"config" placeholder:"FILE" help:"Read flags from this YAML file, one \"name: value\" a line. Flags and variables go before it."`
}

// configCmd has serve's flags and starts nothing.
type configCmd struct{ serveCmd }

// Run prints the effective configuration as a file that --config takes, without secrets.
func (c *configCmd) Run(app *App, ctx *kong.Context, from *settings.Resolver) error {
	for _, flag := range ctx.Selected().Flags {
		if flag.Name == settings.FlagName || len(flag.Envs) == 0 {
			continue
		}
		source := from.Source(ctx, flag)
		if flag.Hidden && source == settings.Default {
			continue
		}
		if _, err := fmt.Fprintln(app.Stdout, c.line(app, flag, source)); err != nil {
			return err
		}
	}
	return nil
}

func (c *configCmd) line(app *App, flag *kong.Flag, source string) string {
	given := !flag.Target.IsZero()
	switch {
	case flag.Tag.Has("secret") && given:
		return fmt.Sprintf("# %s: hidden  # %s", flag.Name, source)
	case flag.Tag.Has("secret"):
		if credential(app.Getenv, flag.Name) != "" {
			return fmt.Sprintf("# %s: hidden  # credential %s", flag.Name, flag.Name)
		}
		return fmt.Sprintf("# %s: not set", flag.Name)
	case flag.Name == "redis-url" && given && source != settings.Default && hasPassword(c.Redis.RedisURL):
		return fmt.Sprintf("# %s: %s, password hidden  # %s", flag.Name, c.Redis.origin(), source)
	case flag.Name == "listen" && !given:
		hasToken := c.AuthToken != "" || c.AuthTokenFile != "" || credential(app.Getenv, tokenFile) != ""
		return fmt.Sprintf("listen: %s  # %s", quoted(c.addresses(hasToken)), source)
	case flag.Name == "data-dir" && !given:
		if dir, err := dataDir("", app.Getenv); err == nil {
			if c.Demo {
				dir = filepath.Join(dir, "demo")
			}
			return fmt.Sprintf("data-dir: %s  # %s", strconv.Quote(dir), source)
		}
	}
	if !given && source == settings.Default && flag.Target.Kind() == reflect.String {
		return fmt.Sprintf("# %s: not set", flag.Name)
	}
	text := ""
	switch v := flag.Target.Interface().(type) {
	case []string:
		text = quoted(v)
	case string:
		text = strconv.Quote(v)
	default:
		text = fmt.Sprint(v)
	}
	return fmt.Sprintf("%s: %s  # %s", flag.Name, text, source)
}

func quoted(list []string) string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strconv.Quote(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// hasPassword says whether a URL holds what only its owner should see.
func hasPassword(text string) bool {
	_, options, _ := strings.Cut(text, "?")
	query, err := url.ParseQuery(options)
	return strings.Contains(text, "@") || err != nil || query.Has("password") || query.Has("sentinel_password")
}

// linked matches the variables that Kubernetes sets in every pod beside a Service called
// streamdal-server.
var linked = regexp.MustCompile(`^STREAMDAL_SERVER_(SERVICE_(HOST|PORT)|PORT(_|$))`)

// strangers answers what the environment says to the original server and not to this one.
func strangers(environ []string, envFile string) (lines []string) {
	p, err := newGrammar(&App{}, func(int) {})
	if err != nil {
		return []string{err.Error()}
	}
	known := []string{}
	for _, n := range p.Model.Children {
		for _, f := range n.Flags {
			known = append(known, f.Envs...)
		}
	}
	for _, pair := range environ {
		name, text, _ := strings.Cut(pair, "=")
		switch {
		case name == "DD_ENV" && text != "":
			lines = append(lines, "DD_ENV is set: this server has no Datadog tracer; /metrics is for Prometheus and the Datadog agent")
		case strings.HasPrefix(name, envPrefix+"_HTTP_API_"), strings.HasPrefix(name, envPrefix+"_GRPC_API_"):
			lines = append(lines, fmt.Sprintf("%s is not read, as it never was: write %s", name, strings.Replace(name, "_API_", "API_", 1)))
		case strings.HasPrefix(name, envPrefix+"_") && !slices.Contains(known, name) && !linked.MatchString(name):
			lines = append(lines, name+" means nothing to this server: correct or remove it")
		}
	}
	if b, err := os.ReadFile(envFile); err == nil && strings.Contains(string(b), envPrefix+"_") {
		lines = append(lines, envFile+" in the working directory is not read: put its lines into a --config file, or load it with: set -a; . ./.env")
	}
	slices.Sort(lines)
	return lines
}
