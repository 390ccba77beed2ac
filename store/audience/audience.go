// Package audience knows how an audience (service, operation type, operation
// name, component) is written as a string, compared and checked.
package audience

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb"
)

// Key is the canonical text of an audience,
// "service:operation_type:operation:component", all lower-cased, for example
// "svc:operation_type_consumer:op:kafka". Two audiences are the same when their
// keys are equal. The empty key stands for no audience.
type Key string

const separator = ":"

// KeyOf returns the key of an audience and "" for nil. Only audiences that pass
// one of the checks have a key that nothing else can have.
func KeyOf(a *pb.Audience) Key {
	if a == nil {
		return ""
	}
	return Key(strings.ToLower(strings.Join([]string{
		a.GetServiceName(), a.GetOperationType().String(), a.GetOperationName(), a.GetComponentName(),
	}, separator)))
}

// Parse reads a key back, so that KeyOf(Parse(k)) == k for every key in lower
// case; letters in upper case are lower-cased first. It refuses a text without
// exactly four parts or with an operation type that no audience can have; it
// does not check the names.
func Parse(s string) (*pb.Audience, error) {
	parts := strings.Split(strings.ToLower(s), separator)
	if len(parts) != 4 {
		return nil, fmt.Errorf("audience %q has %d parts, want service:operation_type:operation:component", s, len(parts))
	}
	operation, err := parseOperationType(parts[1])
	if err != nil {
		return nil, fmt.Errorf("audience %q: %w", s, err)
	}
	return &pb.Audience{
		ServiceName:   parts[0],
		OperationType: operation,
		OperationName: parts[2],
		ComponentName: parts[3],
	}, nil
}

// parseOperationType reads what OperationType.String gives, lower-cased: a name,
// or a plain number for a value that a newer SDK may know.
func parseOperationType(s string) (pb.OperationType, error) {
	if n, ok := pb.OperationType_value[strings.ToUpper(s)]; ok {
		return pb.OperationType(n), nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || pb.OperationType(n).String() != s {
		return 0, fmt.Errorf("unknown operation type %q", s)
	}
	return pb.OperationType(n), nil
}

// Service returns the service part of the key.
func (k Key) Service() string {
	service, _, _ := strings.Cut(string(k), separator)
	return service
}

// Group returns the text under which rates are shown, for example
// "svc/operation_type_consumer/kafka", and "" for nil. Operations of one
// component share a group.
func Group(a *pb.Audience) string {
	if a == nil {
		return ""
	}
	return strings.ToLower(a.GetServiceName() + "/" + a.GetOperationType().String() + "/" + a.GetComponentName())
}

// Canonical returns a copy of a with its names in lower case, as audiences are
// stored, and nil for nil.
func Canonical(a *pb.Audience) *pb.Audience {
	if a == nil {
		return nil
	}
	return &pb.Audience{
		ServiceName:   strings.ToLower(a.GetServiceName()),
		ComponentName: strings.ToLower(a.GetComponentName()),
		OperationType: a.GetOperationType(),
		OperationName: strings.ToLower(a.GetOperationName()),
		XCreatedBy:    a.XCreatedBy,
	}
}
