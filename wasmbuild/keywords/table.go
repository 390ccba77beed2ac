package keywords

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"github.com/streamdal/streamdal-server/wasmbuild/link/data"
)

// Sizes of the tables, as the kernel knows them.
const (
	hashBuckets = 128
	hashSlots   = 1024
	groupSlots  = 2048
	groupMix    = 0x9e3779b97f4a7c15
)

// Tables says where the kernel finds what.
type Tables struct {
	// Letters has a 32-bit number for each ASCII character. Their sum is a name's
	// hash; digits and underscores count 0, and letters the same in both cases.
	Letters uint32
	// Shifts has a 16-bit number for each of 128 buckets, Slots an entry's number,
	// from 1 on, for each of 1024 slots. A hash h belongs to the bucket of its
	// upper 7 bits and to the slot of its lower 10, after adding the bucket's shift.
	Shifts, Slots uint32
	// Names has the entries, 20 bytes each: the hash; the address of the name,
	// without digits and underscores; its length, its entity or noEntity, how many
	// paths end with it and how many names with digits are like it, 8 bits each; the
	// address of those, first the paths, 8 bytes each: address, length, entity; and
	// a bit for each letter that precedes the name in a path, bit 31 for others.
	Names uint32
	// Entities has address and length of each entity, 32 bits each.
	Entities uint32
	// Groups has, for each hash of five characters, the number of the first keyword
	// that starts with them, from 1 on; Inside has the keywords, the longest first,
	// 8 bytes each: address, length, entity, number of the next one in 16 bits.
	// Numeric has the ranges of characters that count as digits, as many as
	// NumericCount: the first one, shifted left by 11, and how many more.
	Groups, Inside        uint32
	Numeric, NumericCount uint32
}

// noEntity marks an entry whose name is no keyword by itself.
const noEntity = 0xff

// entry is what the table says about names that are the same but for digits, underscores and case.
type entry struct {
	name   string
	hash   uint32
	entity uint8
	paths  []Keyword
	exact  []Keyword // names with digits, which must be as they are
}

// Lay lays out the tables. Those for keywords within names are there with thorough only.
func Lay(s *data.Segment, thorough bool) Tables {
	l := layout{Segment: s, entities: entities()}
	var t Tables
	t.Entities = s.Strings(l.entities)
	list := l.entries()
	var letters [128]uint32
	var shifts, slots []uint16
	for seed := uint64(1); slots == nil; seed++ {
		letters = weights(seed)
		shifts, slots = place(list, &letters)
	}
	t.Letters = s.U32(letters[:]...)
	t.Shifts = u16s(s, shifts)
	t.Slots = u16s(s, slots)
	t.Names = l.layEntries(list)
	numeric := numericRanges()
	t.Numeric, t.NumericCount = s.U32(numeric...), uint32(len(numeric))
	if thorough {
		t.Groups, t.Inside = l.layInside()
	}
	return t
}

type layout struct {
	*data.Segment
	entities []string
}

// entities lists the kinds of data by name.
func entities() []string {
	seen := map[string]bool{}
	for _, k := range List() {
		seen[k.Entity] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// EntityIndex is the entity's number in the tables.
func EntityIndex(entity string) (uint32, bool) {
	i, ok := slices.BinarySearch(entities(), entity)
	return uint32(i), ok
}

func (l layout) entity(name string) uint8 {
	i, _ := slices.BinarySearch(l.entities, name)
	return uint8(i)
}

// entries sorts the keywords by the name that the table knows them by.
func (l layout) entries() []*entry {
	byLetters := map[string]*entry{} // names of the same letters have one hash
	of := func(name string) *entry {
		name = stripped(name)
		sorted := []byte(name)
		slices.Sort(sorted)
		if byLetters[string(sorted)] == nil {
			byLetters[string(sorted)] = &entry{name: name, entity: noEntity}
		}
		return byLetters[string(sorted)]
	}
	for _, k := range List() {
		switch {
		case k.IsPath():
			e := of(k.Text[strings.LastIndex(k.Text, ".")+1:])
			e.paths = append(e.paths, k)
		case strings.ContainsFunc(k.Text, unicode.IsDigit):
			e := of(k.Text)
			for _, text := range k.forms() {
				e.exact = append(e.exact, Keyword{text, k.Entity})
			}
		default:
			of(k.Text).entity = l.entity(k.Entity)
		}
	}
	var list []*entry
	for _, letters := range slices.Sorted(maps.Keys(byLetters)) {
		e := byLetters[letters]
		slices.SortFunc(e.paths, byRank)
		slices.SortFunc(e.exact, byRank)
		list = append(list, e)
	}
	return list
}

// weights are the characters' numbers, made from a seed (Steele, Lea, Flood: SplitMix64).
func weights(seed uint64) (w [128]uint32) {
	for c := range w {
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		w[c] = uint32(z ^ z>>31)
	}
	for c := '0'; c <= '9'; c++ {
		w[c] = 0
	}
	w['_'] = 0
	copy(w['A':'Z'+1], w['a':'z'+1])
	return w
}

// place finds the shifts that give every entry a slot of its own; nil if there are none.
func place(list []*entry, letters *[128]uint32) (shifts, slots []uint16) {
	var buckets [hashBuckets][]int
	for i, e := range list {
		e.hash = 0
		for _, c := range []byte(e.name) {
			e.hash += letters[c]
		}
		b := e.hash >> (32 - bits.Len(hashBuckets-1))
		buckets[b] = append(buckets[b], i)
	}
	order := make([]int, hashBuckets)
	for b := range order {
		order[b] = b
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(buckets[b]) - len(buckets[a]) })
	shifts, slots = make([]uint16, hashBuckets), make([]uint16, hashSlots)
	for _, b := range order {
		shift := freeShift(list, buckets[b], slots)
		if shift < 0 {
			return nil, nil
		}
		shifts[b] = uint16(shift)
		for _, i := range buckets[b] {
			slots[(list[i].hash+uint32(shift))%hashSlots] = uint16(i + 1)
		}
	}
	return shifts, slots
}

// freeShift is the least shift with which the bucket's entries get free slots, or -1.
func freeShift(list []*entry, bucket []int, slots []uint16) int {
	for shift := range hashSlots {
		taken := map[uint32]bool{}
		for _, i := range bucket {
			at := (list[i].hash + uint32(shift)) % hashSlots
			if slots[at] == 0 {
				taken[at] = true
			}
		}
		if len(taken) == len(bucket) {
			return shift
		}
	}
	return -1
}

func u16s(s *data.Segment, v []uint16) uint32 {
	s.Align(4)
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, x)
	}
	return s.U8(b...)
}
