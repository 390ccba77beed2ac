package settings

import (
	"fmt"
	"os"
	"reflect"

	"github.com/alecthomas/kong"
)

// FlagName is the flag, of any command, that names the file.
const FlagName = "config"

// Resolver is a kong.Resolver for one parse: what the command line does not say comes from
// the environment, then from the file, then from the flag's default.
type Resolver struct {
	// Command is the command whose flags may be in the file. Other commands take from it
	// what they have too.
	Command string
	// Instead maps a flag to another that says the same in another way: when that one is
	// given in a place that counts more, the file's is void.
	Instead map[string]string

	file *File
	read bool
}

// Validate implements kong.Resolver.
func (*Resolver) Validate(*kong.Application) error { return nil }

// known are the flags that may be in the file.
func (r *Resolver) known(app *kong.Application) (list []*kong.Flag) {
	for _, n := range app.Children {
		for _, f := range n.Flags {
			if n.Name == r.Command && f.Name != FlagName && len(f.Envs) > 0 {
				list = append(list, f)
			}
		}
	}
	return list
}

// Resolve implements kong.Resolver.
func (r *Resolver) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == FlagName || len(flag.Envs) == 0 {
		return nil, nil
	}
	env, set := variable(flag)
	if set && env != "" {
		return nil, nil // kong has read it
	}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if r.file != nil && !r.void(ctx, flag) {
		if v, ok := r.file.values[flag.Name]; ok {
			return v.text, nil
		}
	}
	if set {
		return unset(flag), nil
	}
	return nil, nil
}

// load reads the file that the command line or the environment names.
func (r *Resolver) load(ctx *kong.Context) error {
	if r.read {
		return nil
	}
	for _, p := range ctx.Path {
		for _, f := range p.Flags {
			if f.Name != FlagName {
				continue
			}
			name, _ := ctx.FlagValue(f).(string)
			if name == "" {
				continue
			}
			file, err := Read(name, r.known(ctx.Model))
			if err != nil {
				return &Error{err}
			}
			r.file = file
		}
	}
	r.read = true
	return nil
}

// Error is what is wrong with the file. Its text needs no flag's name in front.
type Error struct{ err error }

// Error implements error.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.err }

func (r *Resolver) void(ctx *kong.Context, flag *kong.Flag) bool {
	other := r.Instead[flag.Name]
	if other == "" {
		return false
	}
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == other && !p.Resolved {
			return true
		}
		for _, f := range p.Flags {
			if env, _ := variable(f); f.Name == other && env != "" {
				return true
			}
		}
	}
	return false
}

// unset is the value of a flag whose variable is set to nothing, as files for containers have
// it: the same as if it were not set.
func unset(flag *kong.Flag) any {
	switch {
	case flag.HasDefault:
		return flag.Default
	case flag.Target.Kind() == reflect.String || flag.IsSlice():
		return nil
	default:
		return fmt.Sprint(reflect.Zero(flag.Target.Type()).Interface())
	}
}

func variable(flag *kong.Flag) (text string, set bool) {
	for _, name := range flag.Envs {
		if text, set = os.LookupEnv(name); set {
			return text, true
		}
	}
	return "", false
}

// Source says where the value of a flag came from, after the parse.
func (r *Resolver) Source(ctx *kong.Context, flag *kong.Flag) string {
	for _, p := range ctx.Path {
		if p.Flag == flag && !p.Resolved {
			return "flag --" + flag.Name
		}
	}
	if env, _ := variable(flag); env != "" {
		return "variable " + flag.Envs[0]
	}
	if r.file != nil && !r.void(ctx, flag) {
		if v, ok := r.file.values[flag.Name]; ok {
			return fmt.Sprintf("%s line %d", r.file.Name, v.line)
		}
	}
	return Default
}

// Default is the source of a value that nobody chose.
const Default = "default"
