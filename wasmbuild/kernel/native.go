//go:build !gowasm

package kernel

import (
	"fmt"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// What //wasm:bind functions do in native runs.
var (
	nativeFind      = findKeys
	nativeMatch     = matchNever
	nativeMissed    = missPlain
	nativeWorth     = scanAlways
	nativeVisit     = scanAll
	nativeCandidate = candidateAt
	nativeModify    = modifyNone
	nativeFulfils   = fulfilsNone
)

// Native is a rule to run as plain Go, for tests and fuzzing: what the linker
// makes of a rule, done to this package's variables instead. One runs at a time.
type Native struct {
	Entry string
	Bind  map[string]string
	Set   map[string]uint32
	Data  []byte // the rule's constants, laid out for vm.RuleBase
}

// Start makes the rule the one that Call runs. A name the kernel does not have is an error.
func (n Native) Start() error {
	heldSize, frees = 0, false
	for _, v := range variables {
		*v = 0
	}
	for name, value := range n.Set {
		v, ok := variables[name]
		if !ok {
			return fmt.Errorf("kernel has no native variable %q", name)
		}
		*v = value
	}
	for what, name := range n.Bind {
		bind, ok := binds[what]
		if !ok || !bind(name) {
			return fmt.Errorf("kernel has no native function %q for %q", name, what)
		}
	}
	if entries[n.Entry] == nil {
		return fmt.Errorf("kernel has no native entry %q", n.Entry)
	}
	Heap = (vm.RuleBase + uint32(len(n.Data)) + 63) &^ 63
	if !room(Heap + slack) {
		return fmt.Errorf("rule of %d bytes does not fit", len(n.Data))
	}
	copy(vm.Mem[vm.RuleBase:], n.Data)
	return nil
}

// Call runs the rule on a request in wire form; dirt is what memory holds behind it.
func (n Native) Call(request, dirt []byte) []byte {
	p := alloc(uint32(len(request)))
	copy(vm.Mem[p:], request)
	behind := vm.Mem[p+uint32(len(request)):]
	for i := range behind[:min(len(behind), slack)] {
		behind[i] = 0
		if len(dirt) > 0 {
			behind[i] = dirt[i%len(dirt)]
		}
	}
	at := entries[n.Entry](p, uint32(len(request)))
	return append([]byte(nil), vm.Mem[at>>32:at>>32+at&0xffffffff]...)
}

var entries = map[string]func(ptr, uint32) uint64{"detectPath": detectPath, "detectScan": detectScan, "hasField": hasField}

var variables = map[string]*uint32{
	"Heap": &Heap, "MatchType": &MatchType, "Negate": &Negate, "OpenArrays": &OpenArrays,
	"PathText": &PathText, "PathTextLen": &PathTextLen, "NotFound": &NotFound, "NotFoundLen": &NotFoundLen,
	"BadMatch": &BadMatch, "BadMatchLen": &BadMatchLen, "Path": &Path, "Args": &Args, "ArgCount": &ArgCount,
	"LengthMin": &LengthMin, "LengthMax": &LengthMax, "KindFirst": &KindFirst, "KindFirstOrOther": &KindFirstOrOther,
	"NumberLow": &NumberLow, "NumberHigh": &NumberHigh, "Regex": &Regex,
	"WordFilter": &WordFilter, "Religions": &Religions, "ReligionCount": &ReligionCount, "wordless": &wordless, "Numerals": &Numerals, "NumeralsLen": &NumeralsLen,
}

var binds = map[string]func(string) bool{
	"find":          choose(&nativeFind, map[string]func() ptr{"findKeys": findKeys, "findPatterns": findPatterns, "findAny": findAny}),
	"missed":        choose(&nativeMissed, map[string]func(uint32, ptr, ptr) uint64{"missPlain": missPlain, "missError": missError, "missBoolean": missBoolean}),
	"worthScanning": choose(&nativeWorth, map[string]func() bool{"scanAlways": scanAlways, "scanNever": scanNever, "scanForCandidate": scanForCandidate}, piiWorth),
	"visit":         choose(&nativeVisit, map[string]func(){"scanAll": scanAll, "scanSparse": scanSparse}),
	"candidate":     choose(&nativeCandidate, map[string]func(ptr) ptr{"candidateAt": candidateAt, "candidateCard": candidateCard, "candidateText": candidateText}, piiCandidates),
	"fulfils":       choose(&nativeFulfils, map[string]func(ptr, ptr, ptr) bool{"fulfilsNone": fulfilsNone, "fulfilsAny": fulfilsAny}),
	"modify":        choose(&nativeModify, map[string]func(uint32, uint32, uint32, ptr, ptr) (ptr, ptr){"modifyNone": modifyNone, "modifyAny": modifyAny}),
	"match": choose(&nativeMatch, map[string]func(uint32, ptr, ptr) bool{
		"matchNever": matchNever, "matchEqual": matchEqual, "matchContainsAny": matchContainsAny, "matchContainsAll": matchContainsAll,
		"matchLength": matchLength, "matchEmpty": matchEmpty, "matchKind": matchKind, "matchNumber": matchNumber,
		"matchEmail": matchEmail, "matchCard": matchCard,
		"matchRegex": matchRegex, "matchRegexText": matchRegexText, "matchRegexSim": matchRegexSim,
	}, piiMatchers),
}

// choose makes the function that sets where to one of several functions, by name.
func choose[F any](where *F, from ...map[string]F) func(string) bool {
	return func(name string) bool {
		for _, some := range from {
			if f, ok := some[name]; ok {
				*where = f
				return true
			}
		}
		return false
	}
}
