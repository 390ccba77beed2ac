//go:build !gowasm

package kernel

import "maps"

// What //wasm:bind functions of schema validation do in native runs.
var (
	nativePattern = matchAnyPattern
	nativeFormat  = isAnyFormat
	nativeListed  = isInTable
	nativeDiffer  = noneRepeated
	nativeDepends = hasMember
	nativeStart   func(check, p, q ptr) ptr
	nativeGoOn    func(l ptr, ok bool, p ptr) ptr
)

func init() {
	entries["checkSchema"] = checkSchema
	maps.Copy(variables, map[string]*uint32{"CheckRoot": &CheckRoot, "CheckNegate": &CheckNegate, "CheckAny": &CheckAny})
	maps.Copy(binds, map[string]func(string) bool{
		"matchPattern": choose(&nativePattern, map[string]func(ptr, uint32, ptr, ptr) bool{
			"matchNoPattern": matchNoPattern, "matchAutomaton": matchAutomaton, "matchAnyPattern": matchAnyPattern,
		}),
		"startMore": choose(&nativeStart, map[string]func(ptr, ptr, ptr) ptr{"startNothing": startNothing, "startOps": startOps}),
		"goOn":      choose(&nativeGoOn, map[string]func(ptr, bool, ptr) ptr{"goNowhere": goNowhere, "opResult": opResult}),
		"depends":   choose(&nativeDepends, map[string]func(ptr, ptr, ptr, uint32) bool{"dependsNever": dependsNever, "hasMember": hasMember}),
		"isFormat":  choose(&nativeFormat, map[string]func(uint32, ptr, ptr) bool{"isNoFormat": isNoFormat, "isAnyFormat": isAnyFormat}),
		"isListed":  choose(&nativeListed, map[string]func(ptr, ptr, ptr) bool{"isNotListed": isNotListed, "isInTable": isInTable}),
		"allDiffer": choose(&nativeDiffer, map[string]func(ptr, ptr) bool{"isAnyArray": isAnyArray, "noneRepeated": noneRepeated}),
	})
}
