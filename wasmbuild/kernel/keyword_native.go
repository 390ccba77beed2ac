//go:build !gowasm

package kernel

import "maps"

// What //wasm:bind functions of keyword rules do in native runs.
var (
	nativeEntityOf   = entityQuick
	nativeEnterNamed = enterAny
	nativeReportName = reportMember
	nativeVisitNames = scanNames
)

func init() {
	maps.Copy(entries, map[string]func(ptr, uint32) uint64{"detectKeywords": detectKeywords, "detectKeywordsBelow": detectKeywordsBelow})
	maps.Copy(variables, map[string]*uint32{
		"KeywordLetters": &KeywordLetters, "KeywordShifts": &KeywordShifts, "KeywordSlots": &KeywordSlots, "KeywordNames": &KeywordNames,
		"KeywordEntities": &KeywordEntities, "KeywordGroups": &KeywordGroups, "KeywordInside": &KeywordInside,
		"KeywordNumeric": &KeywordNumeric, "KeywordNumericCount": &KeywordNumericCount, "KeywordThorough": &KeywordThorough,
		"KeywordPrefix": &KeywordPrefix, "KeywordPrefixLen": &KeywordPrefixLen, "KeywordRank": &KeywordRank, "KeywordAt": &KeywordAt,
	})
	maps.Copy(binds, map[string]func(string) bool{
		"entityOf":   choose(&nativeEntityOf, map[string]func(ptr) uint32{"entityQuick": entityQuick, "entityThorough": entityThorough}),
		"enterNamed": choose(&nativeEnterNamed, map[string]func(ptr){"enterAny": enterAny, "enterThorough": enterThorough}),
		"reportName": choose(&nativeReportName, map[string]func(ptr, ptr, ptr, bool, uint32){"reportMember": reportMember}),
		"visitNames": choose(&nativeVisitNames, map[string]func(){"scanNames": scanNames, "scanNamesSparse": scanNamesSparse}),
	})
}
