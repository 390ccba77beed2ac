// Package settings gives flags their values from a YAML file, whose keys are the flags'
// names without dashes in front.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// maxSize is far above any real file, and keeps a wrong one (a disk, a log) out of memory.
const maxSize = 1 << 20

// File is a read file.
type File struct {
	Name   string
	values map[string]value
}

type value struct {
	text string // as on the command line
	line int
}

// Read reads a file. Keys must be among the flags; each value must be what its flag takes.
// An error says the position: FILE:LINE:COLUMN.
func Read(name string, flags []*kong.Flag) (*File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	if len(b) > maxSize {
		return nil, fmt.Errorf("%s is larger than 1 MiB: it is not a configuration", name)
	}
	return parse(name, b, flags)
}

func parse(name string, b []byte, flags []*kong.Flag) (*File, error) {
	file := &File{Name: name, values: map[string]value{}}
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return file, nil // empty, or comments only
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: write one YAML document only", name)
	}
	top := doc.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return file, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: write one \"key: value\" a line", at(name, top))
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if err := file.add(top.Content[i], top.Content[i+1], flags); err != nil {
			return nil, err
		}
	}
	return file, nil
}

func (f *File) add(key, node *yaml.Node, flags []*kong.Flag) error {
	i := slices.IndexFunc(flags, func(flag *kong.Flag) bool { return flag.Name == key.Value })
	if i < 0 {
		return fmt.Errorf("%s: unknown key %q%s", at(f.Name, key), key.Value, meant(key.Value, flags))
	}
	if old, twice := f.values[key.Value]; twice {
		return fmt.Errorf("%s: %s is set twice, first in line %d", at(f.Name, key), key.Value, old.line)
	}
	text, err := scalar(node, flags[i])
	if err == nil {
		err = try(flags[i], text)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", at(f.Name, node), key.Value, err)
	}
	f.values[key.Value] = value{text: text, line: key.Line}
	return nil
}

// scalar is a node's value as it would be on the command line.
func scalar(node *yaml.Node, flag *kong.Flag) (string, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", errors.New("has no value; write one, or remove the line")
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind == yaml.SequenceNode && flag.IsSlice():
		list := make([]string, 0, len(node.Content))
		for _, n := range node.Content {
			if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
				return "", errors.New("must be a list of texts")
			}
			list = append(list, n.Value)
		}
		return kong.JoinEscaped(list, flag.Tag.Sep), nil
	case flag.IsSlice():
		return "", errors.New("must be a text or a list of texts")
	default:
		return "", errors.New("must be one value")
	}
}

// try says whether the flag takes the value.
func try(flag *kong.Flag, text string) error {
	if flag.Enum != "" && !flag.EnumMap()[text] {
		return fmt.Errorf("must be one of %s", strings.ReplaceAll(flag.Enum, ",", ", "))
	}
	scan := kong.Scan().PushTyped(text, kong.FlagValueToken)
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, reflect.New(flag.Target.Type()).Elem())
}

// meant suggests the flag whose name differs only in how words are put together.
func meant(key string, flags []*kong.Flag) string {
	plain := func(s string) string {
		s = strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(s))
		return strings.TrimPrefix(s, "streamdalserver")
	}
	for _, f := range flags {
		if !f.Hidden && plain(f.Name) == plain(key) {
			return fmt.Sprintf("; write %s", f.Name)
		}
	}
	return "; keys are the flags of \"streamdal-server serve --help\" without --"
}

func at(name string, n *yaml.Node) string { return fmt.Sprintf("%s:%d:%d", name, n.Line, n.Column) }
