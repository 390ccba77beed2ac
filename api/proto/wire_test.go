// Package proto holds the wire contract against what others know of it.
package proto

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/streamdal/streamdal-server/api/pb"
	_ "github.com/streamdal/streamdal-server/api/pb/shared"
	_ "github.com/streamdal/streamdal-server/api/pb/steps"
)

// Our descriptors say what testdata/wire.txt says: nothing less, nothing more.
func TestDescriptorsMatchTheWireTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/wire.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(table)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	if len(want) < 600 { // 349 fields, 179 enum values, 45 methods and their headings
		t.Fatalf("the table has only %d lines", len(want))
	}
	if diff := cmp.Diff(want, describe(t)); diff != "" {
		t.Errorf("the descriptors differ from the table (-want +got):\n%s", diff)
	}
}

// describe renders every descriptor of the contract in the order of the table:
// services, enums, messages, each by name.
func describe(t *testing.T) []string {
	t.Helper()
	var out []string
	blocks := describeBlocks(t)
	for _, kind := range []string{"service ", "enum ", "message "} {
		for _, heading := range slices.Sorted(maps.Keys(blocks)) {
			if strings.HasPrefix(heading, kind) {
				out = append(append(out, heading), blocks[heading]...)
			}
		}
	}
	return out
}

// describeBlocks renders the descriptors by heading.
func describeBlocks(t *testing.T) map[string][]string {
	t.Helper()
	blocks := make(map[string][]string)
	for _, file := range files() {
		if file.Syntax() != protoreflect.Proto3 {
			t.Errorf("%s is %v, want proto3", file.Path(), file.Syntax())
		}
		for i := range file.Services().Len() {
			s := file.Services().Get(i)
			blocks["service "+string(s.FullName())] = methods(s)
		}
		for _, e := range enumsOf(file) {
			blocks["enum "+string(e.FullName())] = values(e)
		}
		for _, m := range messagesOf(file) {
			deprecated := m.Options().(*descriptorpb.MessageOptions).GetDeprecated()
			blocks["message "+string(m.FullName())+suffix(deprecated)] = fields(m)
		}
	}
	return blocks
}

// files returns the files of the contract. Packages of our own are not part of it.
func files() []protoreflect.FileDescriptor {
	var out []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if f.Package() == "protos" || strings.HasPrefix(string(f.Package()), "protos.") {
			out = append(out, f)
		}
		return true
	})
	return out
}

// parent is a file or a message.
type parent interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}

// messagesOf returns all messages in p but map entries, which show as their field.
func messagesOf(p parent) []protoreflect.MessageDescriptor {
	var out []protoreflect.MessageDescriptor
	for i := range p.Messages().Len() {
		if m := p.Messages().Get(i); !m.IsMapEntry() {
			out = append(append(out, m), messagesOf(m)...)
		}
	}
	return out
}

func enumsOf(p parent) []protoreflect.EnumDescriptor {
	var out []protoreflect.EnumDescriptor
	for i := range p.Enums().Len() {
		out = append(out, p.Enums().Get(i))
	}
	for i := range p.Messages().Len() {
		out = append(out, enumsOf(p.Messages().Get(i))...)
	}
	return out
}

func methods(s protoreflect.ServiceDescriptor) []string {
	var out []string
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		stream := map[bool]string{true: "stream "}
		deprecated := m.Options().(*descriptorpb.MethodOptions).GetDeprecated()
		out = append(out, fmt.Sprintf("  %s (%s%s) returns (%s%s)%s", m.Name(),
			stream[m.IsStreamingClient()], m.Input().FullName(),
			stream[m.IsStreamingServer()], m.Output().FullName(), suffix(deprecated)))
	}
	slices.Sort(out)
	return out
}

func values(e protoreflect.EnumDescriptor) []string {
	var numbers []protoreflect.EnumValueDescriptor
	for i := range e.Values().Len() {
		numbers = append(numbers, e.Values().Get(i))
	}
	slices.SortFunc(numbers, func(a, b protoreflect.EnumValueDescriptor) int { return int(a.Number() - b.Number()) })
	var out []string
	for _, v := range numbers {
		deprecated := v.Options().(*descriptorpb.EnumValueOptions).GetDeprecated()
		out = append(out, fmt.Sprintf("  %d %s%s", v.Number(), v.Name(), suffix(deprecated)))
	}
	return out
}

func fields(m protoreflect.MessageDescriptor) []string {
	var out []string
	for i := range m.ReservedRanges().Len() {
		r := m.ReservedRanges().Get(i)
		for n := r[0]; n < r[1]; n++ {
			out = append(out, fmt.Sprintf("  reserved %d", n))
		}
	}
	for i := range m.ReservedNames().Len() {
		out = append(out, fmt.Sprintf("  reserved %q", m.ReservedNames().Get(i)))
	}
	var numbers []protoreflect.FieldDescriptor
	for i := range m.Fields().Len() {
		numbers = append(numbers, m.Fields().Get(i))
	}
	slices.SortFunc(numbers, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number() - b.Number()) })
	for _, f := range numbers {
		deprecated := f.Options().(*descriptorpb.FieldOptions).GetDeprecated()
		out = append(out, fmt.Sprintf("  %d %s %s %sjson:%s%s", f.Number(), f.Name(), typeOf(f), labelOf(f), f.JSONName(), suffix(deprecated)))
	}
	return out
}

func typeOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return fmt.Sprintf("map<%s,%s>", typeOf(f.MapKey()), typeOf(f.MapValue()))
	case f.Kind() == protoreflect.EnumKind:
		return "enum:" + string(f.Enum().FullName())
	case f.Message() != nil:
		return string(f.Message().FullName())
	default:
		return f.Kind().String()
	}
}

func labelOf(f protoreflect.FieldDescriptor) string {
	oneof := f.ContainingOneof()
	switch {
	case f.IsList():
		return "repeated "
	case f.HasOptionalKeyword():
		return "optional "
	case oneof != nil:
		return "oneof:" + string(oneof.Name()) + " "
	default:
		return ""
	}
}

func suffix(deprecated bool) string {
	if deprecated {
		return " deprecated"
	}
	return ""
}
