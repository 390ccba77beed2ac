package audience

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/api/pb"
)

// MaxNameBytes bounds each name of an audience, as host and topic names are.
const MaxNameBytes = 255

// InvalidError says what is wrong with an audience, in the words clients of the
// original server know.
type InvalidError struct {
	Reason string
}

func (e *InvalidError) Error() string { return e.Reason }

// Check is the full check of an audience that an operator names: every part is
// set and every name consists of letters, digits, "_" and "-". The error is an
// *InvalidError.
func Check(a *pb.Audience) error {
	if err := checkNil(a); err != nil {
		return err
	}
	if err := checkName("Audience.ServiceName", "audience.ServiceName", a.GetServiceName()); err != nil {
		return err
	}
	if err := checkName("Audience.ComponentName", "Audience.ComponentName", a.GetComponentName()); err != nil {
		return err
	}
	if err := checkOperationType(a); err != nil {
		return err
	}
	return checkName("Audience.OperationName", "Audience.OperationName", a.GetOperationName())
}

// CheckLoose is the check of an audience that is to be deleted: every part is
// set. Names are not looked at, so that whatever was stored can be removed. The
// error is an *InvalidError.
func CheckLoose(a *pb.Audience) error {
	if err := checkNil(a); err != nil {
		return err
	}
	for _, f := range []struct{ label, value string }{
		{"Audience.ServiceName", a.GetServiceName()},
		{"Audience.ComponentName", a.GetComponentName()},
		{"Audience.OperationName", a.GetOperationName()},
	} {
		if f.value == "" {
			return empty(f.label)
		}
	}
	return checkOperationType(a)
}

// CheckSDK is the check of an audience that an SDK announces. SDKs in the field
// use names that Check refuses (dots, spaces, slashes); they pass as long as the
// key stays unambiguous and printable: every part set, valid UTF-8, no ":", no
// control characters, at most MaxNameBytes each. The error is an *InvalidError.
func CheckSDK(a *pb.Audience) error {
	if err := CheckLoose(a); err != nil {
		return err
	}
	for _, f := range []struct{ label, value string }{
		{"Audience.ServiceName", a.GetServiceName()},
		{"Audience.ComponentName", a.GetComponentName()},
		{"Audience.OperationName", a.GetOperationName()},
	} {
		if !utf8.ValidString(f.value) || strings.Contains(f.value, separator) || strings.ContainsFunc(f.value, unicode.IsControl) {
			return badCharacters(f.label)
		}
		if err := checkLength(f.label, f.value); err != nil {
			return err
		}
	}
	return nil
}

func checkNil(a *pb.Audience) error {
	if a == nil {
		return &InvalidError{"field 'Audience' cannot be nil"}
	}
	return nil
}

// checkName takes two labels because the original spells one field differently
// when its characters are wrong.
func checkName(label, charactersLabel, value string) error {
	if value == "" {
		return empty(label)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return !nameRune(r) }) {
		return badCharacters(charactersLabel)
	}
	return checkLength(label, value)
}

func nameRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
}

func checkLength(label, value string) error {
	if len(value) > MaxNameBytes {
		return &InvalidError{fmt.Sprintf("field '%s' cannot be longer than %d bytes", label, MaxNameBytes)}
	}
	return nil
}

func checkOperationType(a *pb.Audience) error {
	if a.GetOperationType() == pb.OperationType_OPERATION_TYPE_UNSET {
		return &InvalidError{"enum 'Audience.OperationType' cannot be unset"}
	}
	return nil
}

func empty(label string) error {
	return &InvalidError{fmt.Sprintf("field '%s' cannot be empty", label)}
}

func badCharacters(label string) error {
	return &InvalidError{fmt.Sprintf("field '%s' contains invalid characters", label)}
}
