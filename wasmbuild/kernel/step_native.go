//go:build !gowasm

package kernel

import (
	"maps"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// The host of native runs: what is set here answers kvExists and httpRequest.
// Without one, the answer is empty.
var (
	HostKVExists    func(request []byte) (answer uint64)
	HostHTTPRequest func(request []byte) (answer uint64)
)

func nativeKVExists(p ptr, n uint32) uint64    { return callHost(HostKVExists, p, n) }
func nativeHTTPRequest(p ptr, n uint32) uint64 { return callHost(HostHTTPRequest, p, n) }

func callHost(f func([]byte) uint64, p ptr, n uint32) uint64 {
	if f == nil {
		return 0
	}
	return f(append([]byte(nil), vm.Mem[p:p+n]...))
}

// PlaceAnswer is how a host of native runs makes its answer: it is put where
// the kernel's alloc says.
func PlaceAnswer(answer []byte) uint64 {
	at := alloc(uint32(len(answer)))
	copy(vm.Mem[at:], answer)
	return uint64(at)<<32 | uint64(len(answer))
}

func init() {
	maps.Copy(entries, map[string]func(ptr, uint32) uint64{
		"kvStatic": kvStatic, "kvDynamic": kvDynamic, "httpStep": httpStep, "validStep": validStep,
	})
	maps.Copy(variables, map[string]*uint32{
		"AskHead": &AskHead, "AskHeadLen": &AskHeadLen, "AskTail": &AskTail, "AskTailLen": &AskTailLen,
		"HTTPRequest": &HTTPRequest, "HTTPRequestLen": &HTTPRequestLen, "HTTPBody": &HTTPBody,
	})
}
