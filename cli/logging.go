package cli

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
)

// Priorities of sd-daemon(3).
const (
	priorityError = "<3>"
	priorityInfo  = "<6>"
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

// newLogger writes to w. The level is that of the whole process, because a reload may change it
// under every logger that was made.
func newLogger(w io.Writer, level zerolog.Level) zerolog.Logger {
	zerolog.SetGlobalLevel(level)
	return zerolog.New(w).With().Timestamp().Logger()
}

// logWriter turns what a logger writes into lines for people on a terminal and in the journal, and
// leaves JSON everywhere else.
func logWriter(w io.Writer, getenv func(string) string) io.Writer {
	f, ok := w.(*os.File)
	if !ok {
		return w
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return w
	case info.Mode()&os.ModeCharDevice != 0:
		return zerolog.ConsoleWriter{Out: f, TimeFormat: time.TimeOnly}
	case isJournal(info, getenv):
		return zerolog.ConsoleWriter{Out: f, NoColor: true, PartsOrder: []string{zerolog.MessageFieldName}, FormatPrepare: prioritize}
	}
	return w
}

// isJournal reports whether a file is the stream that systemd has connected to its journal.
func isJournal(info fs.FileInfo, getenv func(string) string) bool {
	stream := getenv("JOURNAL_STREAM")
	return stream != "" && stream == streamOf(info)
}

// prioritize begins a line with its priority, which the journal takes off, as it does not take the level.
func prioritize(event map[string]any) error {
	priority := priorityInfo
	switch level, _ := event[zerolog.LevelFieldName].(string); level {
	case zerolog.LevelTraceValue, zerolog.LevelDebugValue:
		priority = "<7>"
	case zerolog.LevelWarnValue:
		priority = "<4>"
	case zerolog.LevelErrorValue:
		priority = priorityError
	case zerolog.LevelFatalValue, zerolog.LevelPanicValue:
		priority = "<2>"
	}
	message, _ := event[zerolog.MessageFieldName].(string)
	event[zerolog.MessageFieldName] = priority + strings.ReplaceAll(message, "\n", " ")
	return nil
}
