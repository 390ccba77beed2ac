package lang

func add32(a, b uint32) uint32      { return a + b }
func sub32(a, b int32) int32        { return a - b }
func mul64(a, b uint64) uint64      { return a * b }
func div32(a, b int32) int32        { return a / b }
func divU32(a, b uint32) uint32     { return a / b }
func div64(a, b int64) int64        { return a / b }
func div8(a, b int8) int8           { return a / b }
func rem32(a, b int32) int32        { return a % b }
func remU64(a, b uint64) uint64     { return a % b }
func rem16(a, b int16) int16        { return a % b }
func divMinusOne(a int8) int8       { return a / -1 }
func divConstant(a int64) int64     { return a/7 + a%10 }
func add8(a, b uint8) uint8         { return a + b }
func sub8(a, b uint8) uint8         { return a - b }
func mul8(a, b int8) int8           { return a * b }
func mul16(a, b uint16) uint16      { return a * b }
func sub16(a, b int16) int16        { return a - b }
func negate(a int32) int32          { return -a }
func negate8(a int8) int8           { return -a }
func negateU64(a uint64) uint64     { return -a }
func plus(a int64) int64            { return +a }
func flip(a uint32) uint32          { return ^a }
func flip8(a uint8) uint8           { return ^a }
func flip16(a int16) int16          { return ^a }
func and(a, b uint64) uint64        { return a & b }
func or8(a, b uint8) uint8          { return a | b }
func xor16(a, b int16) int16        { return a ^ b }
func andNot(a, b uint32) uint32     { return a &^ b }
func andNot64(a, b int64) int64     { return a &^ b }
func precedence(a, b uint32) uint32 { return a + b*3 - (a-b)*b>>2&0xff | a&^b ^ 5 }

func less(a, b int32) bool                     { return a < b }
func lessU(a, b uint32) bool                   { return a < b }
func lessEqual64(a, b int64) bool              { return a <= b }
func greater8(a, b int8) bool                  { return a > b }
func greaterEqualU64(a, b uint64) bool         { return a >= b }
func equalBool(a, b bool) bool                 { return a == b }
func notEqual(a, b uint64) bool                { return a != b }
func isZero(a uint64) bool                     { return a == 0 }
func isNotZero(a uint32) bool                  { return a != 0 }
func zeroIs(a int16) bool                      { return 0 == a }
func smallest(a, b, c int32) int32             { return min(a, b, c) }
func largest(a, b uint64) uint64               { return max(a, b) }
func clamp(a uint32) uint32                    { return max(min(a, 100), 10) }
func not(a bool) bool                          { return !a }
func notLess(a, b uint32) bool                 { return !(a < b) }
func notAnd(a, b, c bool) bool                 { return !(a && !b) || !c }
func constants() (uint8, int32, uint64, int64) { return 255, -1 << 31, 1<<64 - 1, -1 << 63 }

const (
	first = iota * 10
	second
	third
)

func iotas(a uint32) uint32 {
	const local = third + 1
	return a*second + first + local
}

func add64F(a, b float64) float64 { return a + b }
func mixF(a, b float64) float64   { return float64(a*b) - a/b }
func negateF(a float64) float64   { return -a }
func lessF(a, b float64) bool     { return a < b }
func notLessF(a, b float64) bool  { return !(a < b) }
func equalF(a, b float64) bool    { return a == b }
func zeroF(a float64) bool        { return a == 0 }
func unlessF(a, b float64) uint32 {
	if !(a <= b) {
		return 1
	}
	return 0
}
