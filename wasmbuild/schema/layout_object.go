package schema

import (
	"encoding/binary"
	"strings"
)

func (w *writer) object(o *objectCheck) uint32 {
	if o == nil {
		return 0
	}
	var names []string
	var records []uint32
	for _, q := range o.properties {
		names = append(names, q.name)
		records = append(records, w.property(q))
	}
	labels := make([]uint32, len(o.required))
	for i, r := range o.required {
		labels[i] = w.label(r.label)
	}
	var patterns []uint32
	for _, q := range o.patterns {
		patterns = append(append(patterns, w.pattern(q.program)...), q.check.address)
	}
	tableAt, labelsAt, patternsAt := w.table(names, records), w.data.U32(labels...), w.data.U32(patterns...)
	first := uint32(0)
	if len(records) > 0 {
		first = records[0]
	}
	rest := w.rest(o.rest)
	numbers := append(w.least(o.min), w.most(o.max)...)
	numbers = append(numbers, tableAt, rest[0], first, rest[1], rest[2],
		patternsAt, uint32(len(o.patterns)), uint32(len(o.required)), labelsAt)
	return w.data.U32(append(numbers, make([]uint32, objectBytes/4-len(numbers))...)...)
}

// property lays out what the kernel knows of a member: {name, length, check,
// 1 + index of the required, lead, length, the property that came next last time}.
// The lead is what stands before the value in compact JSON.
func (w *writer) property(q property) uint32 {
	check := uint32(0)
	if q.check != nil {
		check = q.check.address
	}
	at := w.data.String(q.name)
	lead, leadLen := uint32(0), uint32(0)
	if quoted := quote(q.name); !strings.Contains(quoted, `\`) {
		lead, leadLen = w.data.String(quoted+":"), uint32(len(quoted)+1)
	}
	return w.data.U32(at, uint32(len(q.name)), check, uint32(q.required+1), lead, leadLen, 0)
}

// table lays out texts so that the kernel finds them by hash: a mask and then
// the addresses of records, which begin with {text, length}. Texts without
// records get some. There is always an empty slot.
func (w *writer) table(texts []string, records []uint32) uint32 {
	size := uint32(4)
	for int(size) < 2*len(texts)+1 {
		size *= 2
	}
	slots := make([]uint32, size)
	for i, s := range texts {
		record := uint32(0)
		if records != nil {
			record = records[i]
		} else {
			record = w.data.U32(w.data.String(s), uint32(len(s)))
		}
		at := hash(s) & (size - 1)
		for slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		slots[at] = record
	}
	return w.data.U32(append([]uint32{size - 1}, slots...)...)
}

// hash is the kernel's textHash.
func hash(s string) uint32 {
	h := uint64(len(s)) * 0x9e3779b97f4a7c15
	for i := 0; i < len(s); i += 8 {
		var word [8]byte
		copy(word[:], s[i:])
		h = (h ^ binary.LittleEndian.Uint64(word[:])) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return uint32(h)
}
