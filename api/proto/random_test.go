package proto

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Values at the edges. Left out: NaN, which equals nothing, and -0, which
// protobuf-ts takes for the default.
var (
	someStrings = []string{"", "a", "service-1", "äöü €", "😀 \u2028\u2029", "\x00\x01\"\\", strings.Repeat("x", 300), "null"}
	someInt64s  = []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1<<53 + 1}
	someInt32s  = []int32{0, 1, -1, math.MaxInt32, math.MinInt32, 70000}
	someUint32s = []uint32{0, 1, math.MaxUint32, 70000}
	someDoubles = []float64{0, 1, -1.5, 0.1, math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, math.Inf(1), math.Inf(-1)}
	// Enums are open: numbers without a name survive.
	strangers = []protoreflect.EnumNumber{987654, -1, math.MaxInt32}
)

// maxDepth bounds messages within messages.
const maxDepth = 6

// random makes random messages, the same for the same seed.
type random struct {
	*rand.Rand
	seed int
}

func newRandom(seed int) random { return random{rand.New(rand.NewPCG(uint64(seed), 1)), seed} }

func pick[T any](r random, from []T) T { return from[r.IntN(len(from))] }

func (r random) message(mt protoreflect.MessageType, depth int) protoreflect.Message {
	m := mt.New()
	r.fill(m, depth)
	return m
}

func (r random) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !r.draws(f, depth) {
			continue
		}
		switch {
		case f.IsList():
			list := m.Mutable(f).List()
			for range r.IntN(4) {
				list.Append(r.value(f, list.NewElement, depth))
			}
		case f.IsMap():
			entries := m.Mutable(f).Map()
			for range r.IntN(4) {
				entries.Set(r.scalar(f.MapKey()).MapKey(), r.value(f.MapValue(), entries.NewValue, depth))
			}
		default:
			m.Set(f, r.value(f, func() protoreflect.Value { return m.NewField(f) }, depth))
		}
	}
}

// draws decides whether f gets a value. Seeds take the members of a top-level oneof
// in turns, and then none, so that each is tried.
func (r random) draws(f protoreflect.FieldDescriptor, depth int) bool {
	if oneof := f.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() && depth == 0 {
		return f.Index() == r.seed%(oneof.Fields().Len()+1)+oneof.Fields().Get(0).Index()
	}
	return depth <= maxDepth && r.Float64() < 0.7/(1+float64(depth)/2)
}

func (r random) value(f protoreflect.FieldDescriptor, empty func() protoreflect.Value, depth int) protoreflect.Value {
	if f.Message() == nil {
		return r.scalar(f)
	}
	v := empty()
	r.fill(v.Message(), depth+1)
	return v
}

func (r random) scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(pick(r, someStrings))
	case protoreflect.BytesKind:
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return protoreflect.ValueOfBytes(b)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(r.IntN(2) == 0)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(pick(r, someInt32s))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(pick(r, someUint32s))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(pick(r, someInt64s))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(pick(r, someDoubles))
	case protoreflect.EnumKind:
		if r.IntN(5) == 0 {
			return protoreflect.ValueOfEnum(pick(r, strangers))
		}
		values := f.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(r.IntN(values.Len())).Number())
	default:
		panic("no random value for " + f.Kind().String())
	}
}

// dropNewer clears every field that the release does not know.
func dropNewer(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case isNewer(f):
			m.Clear(f)
		case f.IsMap() && f.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				dropNewer(v.Message())
				return true
			})
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				dropNewer(v.List().Get(i).Message())
			}
		case f.Message() != nil && !f.IsMap():
			dropNewer(v.Message())
		}
		return true
	})
}

func isNewer(f protoreflect.FieldDescriptor) bool {
	for _, line := range newer["message "+string(f.ContainingMessage().FullName())] {
		if strings.Contains(line, " "+string(f.Name())+" ") {
			return true
		}
	}
	return false
}

// The proof is worth nothing if the messages are: every field of every type is
// set in some of them, and every one is at its default in some.
func TestRandomMessagesReachEveryField(t *testing.T) {
	t.Parallel()
	for _, mt := range commonTypes(t) {
		set, unset := make(map[protoreflect.Name]bool), make(map[protoreflect.Name]bool)
		for seed := range seeds {
			m := newRandom(seed).message(mt, 0)
			for i := range mt.Descriptor().Fields().Len() {
				f := mt.Descriptor().Fields().Get(i)
				set[f.Name()] = set[f.Name()] || m.Has(f)
				unset[f.Name()] = unset[f.Name()] || !m.Has(f)
			}
			if again := newRandom(seed).message(mt, 0); !proto.Equal(m.Interface(), again.Interface()) {
				t.Errorf("%s: seed %d gives two messages", mt.Descriptor().FullName(), seed)
			}
		}
		for i := range mt.Descriptor().Fields().Len() {
			if name := mt.Descriptor().Fields().Get(i).Name(); !set[name] || !unset[name] {
				t.Errorf("%s.%s: set %v, unset %v", mt.Descriptor().FullName(), name, set[name], unset[name])
			}
		}
	}
}
