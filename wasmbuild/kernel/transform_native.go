//go:build !gowasm

package kernel

import "maps"

// What //wasm:bind functions of transforms do in native runs.
var (
	nativeBeginStep    = begin
	nativeCountTargets = countPaths
	nativeGather       = gatherPaths
	nativeArrange      = arranged
	nativeFound        = foundKeys
	nativeChange       = changeReplace
	nativeSettle       = settleNothing
	nativeAddEdit      = listEdit
	nativeHit          = addTarget
	nativeReap         = reapPaths
	nativeLookUp       = lookUpKeys
	nativeSpread       = spreadNone
)

func init() {
	maps.Copy(entries, map[string]func(ptr, uint32) uint64{"transform": transform, "transformOne": transformOne, "transformPlain": transformPlain, "extract": extract, "extractPlain": extractPlain})
	maps.Copy(variables, map[string]*uint32{
		"Places": &Places, "PlaceCount": &PlaceCount, "Insert": &Insert, "InsertLen": &InsertLen, "Amount": &Amount, "Percent": &Percent,
		"Static": &Static, "Wrong": &Wrong, "WrongLen": &WrongLen, "WrongTail": &WrongTail, "WrongTailLen": &WrongTailLen, "Says": &Says, "Flatten": &Flatten,
	})
	maps.Copy(binds, map[string]func(string) bool{
		"beginStep":    choose(&nativeBeginStep, map[string]func(ptr, uint32) uint32{"begin": begin, "beginKeep": beginKeep}),
		"countTargets": choose(&nativeCountTargets, map[string]func() uint32{"countPaths": countPaths, "countMatches": countMatches}),
		"gather": choose(&nativeGather, map[string]func() uint64{
			"gatherPaths": gatherPaths, "gatherMatches": gatherMatches, "gatherSpans": gatherSpans, "noSpans": noSpans,
		}),
		"arrange": choose(&nativeArrange, map[string]func(){"sortTargets": sortTargets, "arranged": arranged}),
		"found":   choose(&nativeFound, map[string]func(ptr, ptr, ptr, uint32){"foundKeys": foundKeys, "foundAny": foundAny}),
		"hit":     choose(&nativeHit, map[string]func(ptr, uint32, ptr, uint32){"addTarget": addTarget, "hitNode": hitNode}),
		"reap":    choose(&nativeReap, map[string]func() uint64{"reapPaths": reapPaths, "reapMatches": reapMatches}),
		"lookUp":  choose(&nativeLookUp, map[string]func(ptr) (ptr, ptr){"lookUpKeys": lookUpKeys, "lookUpAny": lookUpAny}),
		"spread":  choose(&nativeSpread, map[string]func(ptr, ptr, ptr){"spreadNone": spreadNone, "spreadAll": spreadAll}),
		"settle":  choose(&nativeSettle, map[string]func(){"settleNothing": settleNothing, "settleDelete": settleDelete}),
		"addEdit": choose(&nativeAddEdit, map[string]func(ptr, ptr, ptr, uint32){"listEdit": listEdit, "setEdit": setEdit}),
		"find": choose(&nativeFind, map[string]func() ptr{
			"findFields": findFields, "findKeys": findKeys, "findPatterns": findPatterns, "findAny": findAny,
		}),
		"change": choose(&nativeChange, map[string]func(ptr, ptr) bool{
			"changeReplace": changeReplace, "changeDelete": changeDelete, "changeDeleteOne": changeDeleteOne, "changeObfuscate": changeObfuscate, "changeMask": changeMask,
			"changeTruncate": changeTruncate, "changeCut": changeCut, "changePlainHash": changePlainHash,
			"changePlainMask": changePlainMask, "changePlainTruncate": changePlainTruncate,
		}),
	})
}
