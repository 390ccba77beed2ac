package gowasm

import (
	"context"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamdal/streamdal-server/wasmbuild/gowasm/internal/lang"
	"github.com/streamdal/streamdal-server/wasmbuild/link"
)

// TestLanguage calls every function of package lang natively and compiled, with
// the same arguments in the same order, and wants the same results and panics.
// Not parallel: native memory and package variables are shared.
func TestLanguage(t *testing.T) {
	lang.Limit = 500
	compareAll(t, instantiate(t, wazero.NewRuntimeConfig()))
}

func instantiate(t *testing.T, config wazero.RuntimeConfig) api.Module {
	t.Helper()
	ctx := t.Context()
	kernel, err := Compile(os.DirFS("internal/lang"))
	if err != nil {
		t.Fatal(err)
	}
	if err := kernel.Simplify(); err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for name := range lang.Functions {
		exports[name] = name
	}
	m, err := kernel.Link(link.Rule{Exports: exports, Bind: map[string]string{"chosen": "double"}, Set: map[string]uint32{"Limit": 500}})
	if err != nil {
		t.Fatal(err)
	}
	engine := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { engine.Close(context.Background()) })
	triple := func(a uint32) uint32 { return a * 3 }
	if _, err := engine.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(triple).Export("triple").Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	i, err := engine.Instantiate(ctx, m.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// samples are the arguments for each type of parameter.
var samples = map[reflect.Kind][]any{
	reflect.Bool:    {false, true},
	reflect.Uint8:   {uint8(0), uint8(1), uint8(7), uint8(8), uint8(31), uint8(32), uint8('"'), uint8('b'), uint8(127), uint8(128), uint8(255)},
	reflect.Int8:    {int8(0), int8(1), int8(-1), int8(100), int8(127), int8(-128)},
	reflect.Uint16:  {uint16(0), uint16(1), uint16(255), uint16(32768), uint16(65535)},
	reflect.Int16:   {int16(0), int16(3), int16(-1), int16(32767), int16(-32768)},
	reflect.Uint32:  {uint32(0), uint32(1), uint32(2), uint32(3), uint32(4), uint32(5), uint32(6), uint32(7), uint32(9), uint32(10), uint32(12), uint32(13), uint32(31), uint32(32), uint32(33), uint32(63), uint32(64), uint32(128), uint32(300), uint32(1000000), uint32(1 << 31), uint32(math.MaxUint32)},
	reflect.Int32:   {int32(0), int32(1), int32(-1), int32(2), int32(-2), int32(-3), int32(7), int32(-8), int32(300), int32(math.MaxInt32), int32(math.MinInt32)},
	reflect.Uint64:  {uint64(0), uint64(1), uint64(10), uint64(31), uint64(32), uint64(33), uint64(63), uint64(64), uint64(65), uint64(1 << 32), uint64(1<<32 + 5), uint64(0x0123456789abcdef), uint64(1 << 63), uint64(math.MaxUint64)},
	reflect.Int64:   {int64(0), int64(1), int64(-1), int64(10), int64(-37), int64(1 << 40), int64(math.MaxInt64), int64(math.MinInt64)},
	reflect.Float64: {0.0, 1.0, -1.5, 0.1, 3e9, -3e9, 1e19, -1e19, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1)},
}

func compareAll(t *testing.T, compiled api.Module) {
	t.Helper()
	names := make([]string, 0, len(lang.Functions))
	for name := range lang.Functions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			native := reflect.ValueOf(lang.Functions[name])
			export := compiled.ExportedFunction(name)
			for args := range product(native.Type()) {
				want, wantPanic := callNative(native, args)
				got, err := export.Call(t.Context(), encodeAll(args)...)
				if (err != nil) != wantPanic {
					t.Fatalf("%s%v: compiled error %v, native panic %v", name, interfaces(args), err, wantPanic)
				}
				clean(native.Type(), got)
				if !wantPanic && !slices.Equal(got, encodeAll(want)) {
					t.Fatalf("%s%v = %x, want %x (%v)", name, interfaces(args), got, encodeAll(want), interfaces(want))
				}
			}
		})
	}
}

// product yields all combinations of sample arguments.
func product(f reflect.Type) func(yield func([]reflect.Value) bool) {
	return func(yield func([]reflect.Value) bool) {
		args := make([]reflect.Value, f.NumIn())
		var fill func(i int) bool
		fill = func(i int) bool {
			if i == len(args) {
				return yield(args)
			}
			list, ok := samples[f.In(i).Kind()]
			if !ok {
				panic(fmt.Sprintf("no samples for %s", f.In(i)))
			}
			for _, v := range list {
				args[i] = reflect.ValueOf(v).Convert(f.In(i))
				if !fill(i + 1) {
					return false
				}
			}
			return true
		}
		fill(0)
	}
}

var nan = math.Float64bits(math.NaN())

// clean makes results comparable. The upper half of a 32-bit result means
// nothing, and which NaN arithmetic gives is left open.
func clean(f reflect.Type, results []uint64) {
	for i := range results {
		switch kind := f.Out(i).Kind(); {
		case kind == reflect.Float64:
			if math.IsNaN(math.Float64frombits(results[i])) {
				results[i] = nan
			}
		case kind != reflect.Uint64 && kind != reflect.Int64:
			results[i] = uint64(uint32(results[i]))
		}
	}
}

func callNative(f reflect.Value, args []reflect.Value) (results []reflect.Value, panicked bool) {
	defer func() { panicked = recover() != nil }()
	return f.Call(args), false
}

func interfaces(values []reflect.Value) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v.Interface()
	}
	return list
}

func encodeAll(values []reflect.Value) []uint64 {
	list := make([]uint64, len(values))
	for i, v := range values {
		list[i] = encode(v)
	}
	return list
}

// encode is a value as engines pass it: 32-bit values do not fill the upper half.
func encode(v reflect.Value) uint64 {
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return 1
		}
		return 0
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return uint64(uint32(v.Int()))
	case reflect.Int64:
		return uint64(v.Int())
	case reflect.Float64:
		if f := v.Float(); f != f {
			return nan
		}
		return math.Float64bits(v.Float())
	}
	return v.Uint()
}
