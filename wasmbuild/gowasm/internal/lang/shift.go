package lang

func shl(a, n uint32) uint32               { return a << n }
func shr(a int32, n uint32) int32          { return a >> n }
func shrU(a, n uint32) uint32              { return a >> n }
func shl64(a uint64, n uint32) uint64      { return a << n }
func shr64(a int64, n uint64) int64        { return a >> n }
func shlBy64(a uint32, n uint64) uint32    { return a << n }
func shrBy64(a int32, n uint64) int32      { return a >> n }
func shl8(a uint8, n uint32) uint8         { return a << n }
func shr8(a int8, n uint8) int8            { return a >> n }
func shrU16(a uint16, n uint32) uint16     { return a >> n }
func shlSigned16(a int16, n uint8) int16   { return a << n }
func masked(a, n uint32) uint32            { return a << (n & 31) }
func maskedSome(a, n uint32) uint32        { return a >> (n & 7) }
func masked64(a uint64, n uint32) uint64   { return a >> (n & 63) }
func maskedWide(a uint32, n uint64) uint32 { return a << (n & 31) }
func masked8(a uint8, n uint32) uint8      { return a << (n & 31) }
func constantShift(a int64) int64          { return a<<3 ^ a>>63 }
func shiftedOne(n uint32) uint64           { return 1<<n - 1 }

func shiftAssign(a, n uint32) uint32 {
	a <<= 5
	a >>= n
	a <<= n & 31
	return a
}
