//go:build unix

package cli

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// What goes to the journal is for people, and has the priority that journalctl -p looks for.
func TestJournal(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	info, err := w.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(r)
	for _, tt := range []struct {
		stream string
		write  func(log zerolog.Logger, app *App)
		want   string
	}{
		{streamOf(info), func(log zerolog.Logger, _ *App) { log.Info().Str("node", "n").Msg("all is well") }, "<6>all is well node=n"},
		{streamOf(info), func(log zerolog.Logger, _ *App) { log.WithLevel(zerolog.FatalLevel).Msg("the end") }, "<2>the end"},
		{streamOf(info), func(log zerolog.Logger, _ *App) { log.Warn().Int("mib", 3).Msg("nearly full") }, "<4>nearly full mib=3"},
		{streamOf(info), func(log zerolog.Logger, _ *App) { log.Error().Err(errors.New("a\n<0>b")).Msg("failed") }, `<3>failed error="a\n<0>b"`},
		{streamOf(info), func(log zerolog.Logger, _ *App) { log.Info().Msg("one\n<0>line") }, "<6>one <0>line"},
		{streamOf(info), func(_ zerolog.Logger, app *App) { app.complain(errors.New("no")) }, "<3>streamdal-server: no"},
		{"1:2", func(log zerolog.Logger, _ *App) { log.Info().Msg("to a file") }, `"level":"info"`},
		{"", func(_ zerolog.Logger, app *App) { app.complain(errors.New("no")) }, "streamdal-server: no"},
	} {
		getenv := env("JOURNAL_STREAM", tt.stream)
		tt.write(zerolog.New(logWriter(w, getenv)).With().Timestamp().Logger(), &App{Stderr: w, Getenv: getenv})
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		got, exact := lines.Text(), tt.want[0] != '"'
		if exact && got != tt.want || !strings.Contains(got, tt.want) {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
