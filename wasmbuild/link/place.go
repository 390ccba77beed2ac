package link

import (
	"cmp"
	"slices"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

const (
	// lowest is the first address that an area may have: 0 means "nothing".
	lowest = 16
	// heapAlign is the alignment of what comes after all data.
	heapAlign = 64
)

// place gives the wanted areas addresses from top on, as low as possible, since
// code with small addresses is short. It adds their data and returns the addresses.
func (m *Module) place(wanted []bool, top uint32) []uint32 {
	var order []int
	for i, ok := range wanted {
		if ok {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := m.Areas[a], m.Areas[b]
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(y.Align, x.Align))
	})
	addresses := make([]uint32, len(m.Areas))
	top = max(top, lowest)
	for _, i := range order {
		a := m.Areas[i]
		top = (top + a.Align - 1) &^ (a.Align - 1)
		addresses[i] = top
		if len(a.Bytes) > 0 {
			m.Data = append(m.Data, Data{Offset: top, Bytes: a.Bytes})
		}
		top += a.Size
	}
	m.Memory.Min = max(m.Memory.Min, (top+wasm.PageSize-1)/wasm.PageSize)
	m.Areas = nil
	return addresses
}

// rank is where an area lies: first what has data, then zeros, then the heap,
// which begins where all else ends.
func (a Area) rank() int {
	switch {
	case len(a.Bytes) > 0:
		return 0
	case a.Size > 0:
		return 1
	}
	return 2
}
