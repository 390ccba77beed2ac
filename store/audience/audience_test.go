package audience

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	unset    = pb.OperationType_OPERATION_TYPE_UNSET
	consumer = pb.OperationType_OPERATION_TYPE_CONSUMER
	producer = pb.OperationType_OPERATION_TYPE_PRODUCER
)

func audienceOf(service string, operation pb.OperationType, name, component string) *pb.Audience {
	return &pb.Audience{ServiceName: service, OperationType: operation, OperationName: name, ComponentName: component}
}

func TestKeyOfAndParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		audience *pb.Audience
		key      Key
		service  string
		group    string
	}{
		{audienceOf("svc", consumer, "op", "kafka"), "svc:operation_type_consumer:op:kafka", "svc", "svc/operation_type_consumer/kafka"},
		{audienceOf("svc", producer, "op", "kafka"), "svc:operation_type_producer:op:kafka", "svc", "svc/operation_type_producer/kafka"},
		{audienceOf("svc", unset, "op", "kafka"), "svc:operation_type_unset:op:kafka", "svc", "svc/operation_type_unset/kafka"},
		{audienceOf("svc", 7, "op", "kafka"), "svc:7:op:kafka", "svc", "svc/7/kafka"},
		{audienceOf("svc", -1, "op", "kafka"), "svc:-1:op:kafka", "svc", "svc/-1/kafka"},
		{audienceOf("", unset, "", ""), ":operation_type_unset::", "", "/operation_type_unset/"},
		{audienceOf("my svc/v1.2", producer, "*", "ünï"), "my svc/v1.2:operation_type_producer:*:ünï", "my svc/v1.2", "my svc/v1.2/operation_type_producer/ünï"},
	}
	for _, tt := range tests {
		if got := KeyOf(tt.audience); got != tt.key {
			t.Errorf("KeyOf(%v): got %q, want %q", tt.audience, got, tt.key)
		}
		if got := Group(tt.audience); got != tt.group {
			t.Errorf("Group(%v): got %q, want %q", tt.audience, got, tt.group)
		}
		if got := tt.key.Service(); got != tt.service {
			t.Errorf("Service of %q: got %q, want %q", tt.key, got, tt.service)
		}
		got, err := Parse(string(tt.key))
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.key, err)
			continue
		}
		if diff := cmp.Diff(tt.audience, got, protocmp.Transform()); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", tt.key, diff)
		}
	}
	if KeyOf(nil) != "" || Group(nil) != "" || Canonical(nil) != nil {
		t.Errorf("nil: got key %q, group %q, canonical %v, want nothing", KeyOf(nil), Group(nil), Canonical(nil))
	}
}

func TestNamesCompareInLowerCase(t *testing.T) {
	t.Parallel()
	loud := audienceOf("SVC", consumer, "Öp", "Kafka")
	loud.XCreatedBy = proto.String("Me")
	if got, want := KeyOf(loud), Key("svc:operation_type_consumer:öp:kafka"); got != want {
		t.Errorf("KeyOf: got %q, want %q", got, want)
	}
	if got, want := Group(loud), "svc/operation_type_consumer/kafka"; got != want {
		t.Errorf("Group: got %q, want %q", got, want)
	}
	want := audienceOf("svc", consumer, "öp", "kafka")
	want.XCreatedBy = proto.String("Me")
	if diff := cmp.Diff(want, Canonical(loud), protocmp.Transform()); diff != "" {
		t.Errorf("Canonical (-want +got):\n%s", diff)
	}
	want.XCreatedBy = nil
	got, err := Parse("SVC:OPERATION_TYPE_CONSUMER:ÖP:Kafka")
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "svc", "svc:operation_type_consumer:op", "svc:operation_type_consumer:op:kafka:more",
		"svc::op:kafka", "svc:consumer:op:kafka", "svc:1:op:kafka", "svc:07:op:kafka", "svc:+7:op:kafka",
		"svc:7.0:op:kafka", "svc:99999999999:op:kafka", "svc: operation_type_consumer:op:kafka",
	} {
		if got, err := Parse(s); err == nil {
			t.Errorf("Parse(%q): got %v, want an error", s, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"svc:operation_type_consumer:op:kafka", "SVC:Operation_Type_Producer:Op:KAFKA", ":operation_type_unset::", "a:7:b:c",
		"a:-2147483648:b:c", "::::", "İ:operation_type_unset:ẞ:\xff", "*:operation_type_consumer:?:[a]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		key := KeyOf(a)
		if want := Key(strings.ToLower(s)); key != want {
			t.Errorf("KeyOf(Parse(%q)): got %q, want %q", s, key, want)
		}
		again, err := Parse(string(key))
		if err != nil || !proto.Equal(a, again) {
			t.Errorf("Parse(%q): got %v and %v, want %v again", key, again, err, a)
		}
		if key.Service() != a.GetServiceName() {
			t.Errorf("Service of %q: got %q, want %q", key, key.Service(), a.GetServiceName())
		}
		if !proto.Equal(Canonical(a), a) {
			t.Errorf("Canonical(%v): got %v, want the same", a, Canonical(a))
		}
	})
}

func TestChecks(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", MaxNameBytes)
	const ok = ""
	tests := []struct {
		name              string
		audience          *pb.Audience
		full, loose, sdks string
	}{
		{"good", audienceOf("My-svc_1", consumer, "op", "kafka"), ok, ok, ok},
		{"nil", nil, "field 'Audience' cannot be nil", "field 'Audience' cannot be nil", "field 'Audience' cannot be nil"},
		{
			"nothing set", &pb.Audience{},
			"field 'Audience.ServiceName' cannot be empty", "field 'Audience.ServiceName' cannot be empty", "field 'Audience.ServiceName' cannot be empty",
		},
		{
			"no component", audienceOf("svc", unset, "", ""),
			"field 'Audience.ComponentName' cannot be empty", "field 'Audience.ComponentName' cannot be empty", "field 'Audience.ComponentName' cannot be empty",
		},
		// The full check looks at the type before the operation's name, the loose one after it.
		{
			"no type, no operation", audienceOf("svc", unset, "", "kafka"),
			"enum 'Audience.OperationType' cannot be unset", "field 'Audience.OperationName' cannot be empty", "field 'Audience.OperationName' cannot be empty",
		},
		{
			"no type", audienceOf("svc", unset, "op", "kafka"),
			"enum 'Audience.OperationType' cannot be unset", "enum 'Audience.OperationType' cannot be unset", "enum 'Audience.OperationType' cannot be unset",
		},
		{
			"no operation", audienceOf("svc", producer, "", "kafka"),
			"field 'Audience.OperationName' cannot be empty", "field 'Audience.OperationName' cannot be empty", "field 'Audience.OperationName' cannot be empty",
		},
		{"unknown type", audienceOf("svc", 7, "op", "kafka"), ok, ok, ok},
		{"space in service", audienceOf("my svc", consumer, "op", "kafka"), "field 'audience.ServiceName' contains invalid characters", ok, ok},
		{"dot in component", audienceOf("svc", consumer, "op", "kafka.v1"), "field 'Audience.ComponentName' contains invalid characters", ok, ok},
		{"slash in operation", audienceOf("svc", consumer, "a/b", "kafka"), "field 'Audience.OperationName' contains invalid characters", ok, ok},
		{
			"trailing newline", audienceOf("svc\n", consumer, "op", "kafka"),
			"field 'audience.ServiceName' contains invalid characters", ok, "field 'Audience.ServiceName' contains invalid characters",
		},
		{"glob", audienceOf("*", consumer, "op", "kafka"), "field 'audience.ServiceName' contains invalid characters", ok, ok},
		{
			"colon", audienceOf("svc", consumer, "a:b", "kafka"),
			"field 'Audience.OperationName' contains invalid characters", ok, "field 'Audience.OperationName' contains invalid characters",
		},
		{
			"control character", audienceOf("svc", consumer, "op", "a\u0085b"),
			"field 'Audience.ComponentName' contains invalid characters", ok, "field 'Audience.ComponentName' contains invalid characters",
		},
		{
			"not UTF-8", audienceOf("svc", consumer, "op", "\xff"),
			"field 'Audience.ComponentName' contains invalid characters", ok, "field 'Audience.ComponentName' contains invalid characters",
		},
		{"longest", audienceOf(long, consumer, long, long), ok, ok, ok},
		{
			"too long", audienceOf("svc", consumer, "op", long+"n"),
			"field 'Audience.ComponentName' cannot be longer than 255 bytes", ok, "field 'Audience.ComponentName' cannot be longer than 255 bytes",
		},
	}
	for _, tt := range tests {
		for _, c := range []struct {
			name  string
			check func(*pb.Audience) error
			want  string
		}{{"Check", Check, tt.full}, {"CheckLoose", CheckLoose, tt.loose}, {"CheckSDK", CheckSDK, tt.sdks}} {
			err := c.check(tt.audience)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%s, %s: got %q, want %q", tt.name, c.name, got, c.want)
			}
			var invalid *InvalidError
			if err != nil && !errors.As(err, &invalid) {
				t.Errorf("%s, %s: got a %T, want an *InvalidError", tt.name, c.name, err)
			}
		}
	}
}

// What may be announced can be stored and read back as the same audience.
func FuzzCheckSDK(f *testing.F) {
	f.Add("svc", int32(1), "op", "kafka")
	f.Add("a:b", int32(2), "", "\x00")
	f.Add("İstanbul", int32(9), "ẞ", "Ⱥ")
	f.Fuzz(func(t *testing.T, service string, operation int32, name, component string) {
		a := audienceOf(service, pb.OperationType(operation), name, component)
		if Check(a) == nil && CheckSDK(a) != nil {
			t.Errorf("%v passes Check but not CheckSDK", a)
		}
		if CheckSDK(a) != nil {
			return
		}
		got, err := Parse(string(KeyOf(a)))
		if err != nil || !proto.Equal(got, Canonical(a)) {
			t.Errorf("%v: read back as %v with error %v", a, got, err)
		}
	})
}
