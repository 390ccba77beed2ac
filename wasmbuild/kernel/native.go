//go:build !gowasm

package kernel

// What //wasm:bind functions do in native runs; tests change them.
var (
	nativeFind   = findKeys
	nativeMatch  = matchNever
	nativeMissed = missPlain
	nativeWorth  = scanAlways
	nativeVisit  = scanAll

	nativeCandidate = func(p ptr) ptr { return p }
)
