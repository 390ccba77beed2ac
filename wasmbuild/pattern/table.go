package pattern

import (
	"encoding/binary"
	"slices"
)

// The table of a program is one piece that lies anywhere: what it says of its
// parts is how far from its start they are. It starts with numbers of 32 bits,
// followed by Classes.ASCII:
//
//	 0  which kind it is: TableDFA or TableSim
//	 4  the bytes of an entry of Classes.Top and Classes.Middle: 1 or 2
//	 8  where Classes.Top is
//	12  the last index of Classes.Top
//	16  where Classes.Middle is
//	20  where Classes.Leaves are
//	24  Classes.Invalid
//	28  DFA: where Rows are     Sim: where Sets are
//	32  DFA: Start              Sim: Size
//	36                          Sim: where Sides are
//	40                          Sim: where the groups are
//	44                          Sim: where the groups end
//	48                          Sim: Start
//
// A group has a head of Look (8 bytes), the numbers From.At, the length of
// From.Bytes, To.At, the length of To.Bytes, and 8 bytes of padding; From.Bytes
// and To.Bytes follow. One without To.Bytes accepts.
const (
	TableDFA = 0
	TableSim = 1

	// TableAlign is what a table's address must be a multiple of.
	TableAlign = 16

	tableASCII  = 64
	groupHeader = 32
)

// Table is the program in the form that the kernel's matchers read.
func (p *Program) Table() []byte {
	t := &table{bytes: make([]byte, tableASCII)}
	t.classes(p.Classes)
	t.put(28, t.align())
	if d := p.DFA; d != nil {
		t.put(0, TableDFA)
		t.put(32, int(d.Start))
		t.numbers(d.Rows, 2)
		return t.bytes
	}
	s := p.Sim
	t.put(0, TableSim)
	t.bytes = append(t.bytes, s.Sets...)
	t.put(32, s.Size)
	t.put(36, t.align())
	t.bytes = append(t.bytes, s.Sides...)
	t.put(40, t.align())
	for _, g := range s.Groups {
		t.group(g)
	}
	t.put(44, t.align())
	t.put(48, int(s.Start))
	return t.bytes
}

type table struct{ bytes []byte }

func (t *table) classes(c *Classes) {
	width := 1
	if max(slices.Max(c.Top), slices.Max(c.Middle)) > 255 {
		width = 2
	}
	t.bytes = append(t.bytes, c.ASCII[:]...)
	t.put(4, width)
	t.put(8, t.align())
	t.put(12, len(c.Top)-1)
	t.numbers(c.Top, width)
	t.put(16, t.align())
	t.numbers(c.Middle, width)
	t.put(20, t.align())
	t.bytes = append(t.bytes, c.Leaves...)
	t.put(24, int(c.Invalid))
}

// align returns where the next part is.
func (t *table) align() int {
	for len(t.bytes)%TableAlign != 0 {
		t.bytes = append(t.bytes, 0)
	}
	return len(t.bytes)
}

func (t *table) put(at, v int) { binary.LittleEndian.PutUint32(t.bytes[at:], uint32(v)) }

// numbers appends numbers of one or two bytes.
func (t *table) numbers(list []uint16, width int) {
	for _, v := range list {
		t.bytes = append(t.bytes, binary.LittleEndian.AppendUint16(nil, v)[:width]...)
	}
}

func (t *table) group(g Group) {
	head := binary.LittleEndian.AppendUint64(nil, g.Look)
	for _, v := range []int{g.From.At, len(g.From.Bytes), g.To.At, len(g.To.Bytes), 0, 0} {
		head = binary.LittleEndian.AppendUint32(head, uint32(v))
	}
	t.bytes = append(append(append(t.bytes, head...), g.From.Bytes...), g.To.Bytes...)
}
