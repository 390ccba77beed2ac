package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// SipHash-1-3 with a zero key. The original orders alternatives by it; with the
// same order our schemas are its schemas, byte for byte.
var (
	sip0, sip1, sip2, sip3 uint64
	sipTail                uint64
	sipLen                 uint32
)

//wasm:small
func sipStart() {
	sip0, sip1, sip2, sip3 = 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573
	sipTail, sipLen = 0, 0
}

//wasm:small
func sipRound() {
	sip0 += sip1
	sip1 = vm.Rol64(sip1, 13) ^ sip0
	sip0 = vm.Rol64(sip0, 32)
	sip2 += sip3
	sip3 = vm.Rol64(sip3, 16) ^ sip2
	sip0 += sip3
	sip3 = vm.Rol64(sip3, 21) ^ sip0
	sip2 += sip1
	sip1 = vm.Rol64(sip1, 17) ^ sip2
	sip2 = vm.Rol64(sip2, 32)
}

//wasm:small
func sipWord(m uint64) {
	sip3 ^= m
	sipRound()
	sip0 ^= m
}

//wasm:small
func sipByte(b uint32) {
	sipTail |= uint64(b) << (8 * (sipLen & 7))
	sipLen++
	if sipLen&7 == 0 {
		sipWord(sipTail)
		sipTail = 0
	}
}

// sipString adds a text and its end.
//
//wasm:small
func sipString(p ptr, n uint32) {
	for e := p + n; p < e; p++ {
		sipByte(vm.U8(p))
	}
	sipByte(0xff)
}

//wasm:small
func sipText(t vm.Text) { sipString(textPtr(t), textLen(t)) }

//wasm:small
func sip64(v uint64) {
	for i := uint32(0); i < 8; i++ {
		sipByte(uint32(v) & 0xff)
		v >>= 8
	}
}

//wasm:small
func sipEnd() uint64 {
	sipWord(uint64(sipLen)<<56 | sipTail)
	sip2 ^= 0xff
	sipRound()
	sipRound()
	sipRound()
	return sip0 ^ sip1 ^ sip2 ^ sip3
}

// hashText is the hash of a member whose value is a string.
//
//wasm:small
func hashText(key, value vm.Text) uint64 {
	sipStart()
	sipText(key)
	sipText(value)
	return sipEnd()
}

// hashMember is the hash of a member whose value is an object.
//
//wasm:small
func hashMember(key vm.Text, value uint64) uint64 {
	sipStart()
	sipText(key)
	sip64(value)
	return sipEnd()
}

// hashOrder is what alternatives are ordered by.
//
//wasm:small
func hashOrder(value uint64) uint64 {
	sipStart()
	sip64(value)
	return sipEnd()
}
