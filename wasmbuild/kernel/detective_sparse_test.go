package kernel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// scanned runs a scan for e-mail addresses and returns the match records.
func scanned(t *testing.T, payload []byte, scan func()) (records string, problem uint32) {
	t.Helper()
	load(t, payload)
	nativeMatch, nativeCandidate = matchEmail, candidateAt
	MatchType, Negate = 2003, 0
	matches = take(0)
	out, rootMark, trouble = matches, matches, scanFine
	scan()
	return string(vm.Mem[matches:out]), trouble
}

// checkSparse compares both ways to scan a valid payload.
func checkSparse(t *testing.T, payload []byte) {
	t.Helper()
	if len(payload) == 0 {
		return
	}
	sparse, trouble := scanned(t, payload, scanSparse)
	if !json.Valid(payload) || trouble != scanFine {
		return
	}
	if all, _ := scanned(t, payload, scanAll); sparse != all {
		t.Errorf("%q:\nsparse %q\nall    %q", payload, sparse, all)
	}
}

var sparseSeeds = []string{
	`{"a":"x@y.z"}`, `["x@y.z"]`, `"x@y.z"`, `{"x@y.z":"x@y.z"}`, `[["x@y.z",1,["a","b",{"k":"x@y.z"}]],"x@y.z"]`, `{"a":{"b":{}},"c":[{},{"d":"x@y.z"}]}`,
	`{"q":"\\\"","a":"\u0040","b":"x\u0040y.z"}`, `{"a":"` + strings.Repeat(" ", 100) + `x@y.z","b":[` + strings.Repeat(`"long enough",`, 30) + `"x@y.z"]}`,
	`{"` + strings.Repeat("k", 60) + `\\":{"a":["` + strings.Repeat(`\"`, 40) + `"],"b":"x@y.z"}}`, `[` + strings.Repeat(`[{"a":"x@y.z"},[]],`, 20) + `0]`,
}

func TestScanSparse(t *testing.T) {
	for _, seed := range sparseSeeds {
		for shift := range 64 { // blocks start wherever the payload does
			checkSparse(t, []byte(strings.Repeat(" ", shift)+seed))
			checkSparse(t, []byte(`[`+strings.Repeat("0,", shift)+seed+`]`))
		}
	}
}

func FuzzScanSparse(f *testing.F) {
	for _, seed := range sparseSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkSparse)
}

// TestScanSparseBroken pins what broken payloads give: matches before the damage,
// but none from a nested container that is cut off.
func TestScanSparseBroken(t *testing.T) {
	for payload, want := range map[string]int{
		`{"a":"x@y.z","b":`:                   1,
		`{"a":"x@y.z","b":{"c":"x@y.z"`:       1,
		`{"a":{"b":"x@y.z"},"c":{"d":"x@y.z"`: 1,
		`{"a":"x@y.z`:                         0,
		`{"a":"x@y.z" "b":"x@y.z"}`:           2,
		`["x@y.z" "x@y.z"]`:                   2,
		`{"a":"x@y.z"}{"b":"x@y.z"}`:          1,
		`x@y.z`:                               0,
		`{@@@@"x@y.z"`:                        0,
	} {
		records, _ := scanned(t, []byte(payload), scanSparse)
		if got := strings.Count(records, "x@y.z"); got != want {
			t.Errorf("%s: got %d matches, want %d", payload, got, want)
		}
	}
}
