// Package report writes what inspect found, as tables for people and as JSON for programs.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Format is how a report is written.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
)

// Writer writes reports. Each method writes one, whole.
type Writer struct {
	Out    io.Writer
	Format Format
}

// message is a protobuf message inside a JSON report.
type message struct{ proto.Message }

// MarshalJSON implements json.Marshaler. protojson varies its spaces on purpose; the
// encoder around it takes them out.
func (m message) MarshalJSON() ([]byte, error) {
	return protojson.MarshalOptions{}.Marshal(m.Message)
}

// json writes v on lines of its own.
func (w Writer) json(v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.Out.Write(out.Bytes())
	return err
}

// line writes v on one line.
func (w Writer) line(v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	_, err = w.Out.Write(append(b, '\n'))
	return err
}

func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// table collects rows of cells and writes them in columns.
type table struct {
	buf  bytes.Buffer
	tabs *tabwriter.Writer
}

func newTable(heads ...string) *table {
	t := &table{}
	t.tabs = tabwriter.NewWriter(&t.buf, 0, 8, 2, ' ', 0)
	if len(heads) > 0 {
		t.row(heads...)
	}
	return t
}

func (t *table) row(cells ...string) {
	for i, c := range cells {
		cells[i] = Clean(c)
	}
	fmt.Fprintln(t.tabs, strings.Join(cells, "\t"))
}

// writeTo writes the table without spaces at the ends of lines.
func (t *table) writeTo(w io.Writer) error {
	if err := t.tabs.Flush(); err != nil {
		return err
	}
	var out bytes.Buffer
	for line := range bytes.Lines(t.buf.Bytes()) {
		out.Write(bytes.TrimRight(line, " \n"))
		out.WriteByte('\n')
	}
	_, err := w.Write(out.Bytes())
	return err
}

// Clean returns text without what could move a terminal's cursor or break a table: names
// come from everybody who may write or connect.
func Clean(text string) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

// Size is a number of bytes for people.
func Size(n uint64) string {
	switch {
	case n < 10_000:
		return fmt.Sprintf("%d B", n)
	case n < 10_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}
