//go:build !gowasm

package kernel

func init() {
	extend("match", &nativeMatch, map[string]func(uint32, ptr, ptr) bool{
		"matchIPv4": matchIPv4, "matchIPv6": matchIPv6, "matchMAC": matchMAC, "matchHostname": matchHostname, "matchURL": matchURL,
		"matchRFC3339": matchRFC3339, "matchUnix": matchUnix, "matchUnixNano": matchUnixNano, "matchUUID": matchUUID, "matchSemver": matchSemver,
	})
	extend("candidate", &nativeCandidate, map[string]func(ptr) ptr{
		"candidateURL": candidateURL, "candidateTime": candidateTime, "candidateIPv6": candidateIPv6, "candidateMAC": candidateMAC,
		"candidateUUID": candidateUUID, "candidateDots": candidateDots,
	})
}

// extend gives a function that rules bind more choices.
func extend[F any](name string, where *F, from map[string]F) {
	others, more := binds[name], choose(where, from)
	binds[name] = func(choice string) bool { return more(choice) || others(choice) }
}
