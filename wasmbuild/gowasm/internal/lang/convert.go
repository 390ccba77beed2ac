package lang

func toU8(a uint32) uint8      { return uint8(a) }
func toI8(a uint32) int8       { return int8(a) }
func toI16(a int64) int16      { return int16(a) }
func toU16(a int8) uint16      { return uint16(a) }
func u8toI8(a uint8) int8      { return int8(a) }
func i8toU8(a int8) uint8      { return uint8(a) }
func u16toI16(a uint16) int16  { return int16(a) }
func i8toU32(a int8) uint32    { return uint32(a) }
func i8toI64(a int8) int64     { return int64(a) }
func u16toI64(a uint16) int64  { return int64(a) }
func i32toU64(a int32) uint64  { return uint64(a) }
func u32toI64(a uint32) int64  { return int64(a) }
func u64toU32(a uint64) uint32 { return uint32(a) }
func i32toF(a int32) float64   { return float64(a) }
func u32toF(a uint32) float64  { return float64(a) }
func i64toF(a int64) float64   { return float64(a) }
func u64toF(a uint64) float64  { return float64(a) }
func u8toF(a uint8) float64    { return float64(a) }

type celsius int32
type celsiusPair = celsius

func named(a int32) int32 { return int32(celsius(a) + celsiusPair(1)) }
