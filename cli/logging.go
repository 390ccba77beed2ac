package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// logLevel reads a level in any letter case, as the original's files have it.
func logLevel(name string, debug bool) (zerolog.Level, error) {
	if debug {
		return zerolog.DebugLevel, nil
	}
	level, err := zerolog.ParseLevel(strings.ToLower(name))
	if err != nil || level == zerolog.NoLevel {
		return 0, fmt.Errorf("--log-level %q: choose trace, debug, info, warn or error", name)
	}
	return level, nil
}

// newLogger writes lines for people on a terminal, and JSON everywhere else. The level is that
// of the whole process, because a reload may change it under every logger that was made.
func newLogger(w io.Writer, level zerolog.Level) zerolog.Logger {
	zerolog.SetGlobalLevel(level)
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			w = zerolog.ConsoleWriter{Out: f, TimeFormat: time.TimeOnly}
		}
	}
	return zerolog.New(w).With().Timestamp().Logger()
}
