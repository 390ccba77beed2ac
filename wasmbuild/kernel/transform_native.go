//go:build !gowasm

package kernel

// What //wasm:bind functions of transforms do in native runs; tests change them.
var (
	nativeBeginStep = begin
	nativeGather    = gatherPaths
	nativeFound     = foundAny
	nativeChange    = changeReplace
	nativeArrange   = sortTargets

	nativeCountTargets = countPaths
	nativeSettle       = settleNothing
)
