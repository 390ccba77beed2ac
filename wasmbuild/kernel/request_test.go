package kernel

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// FuzzRequest compares what beginKeep finds in a request with what the protobuf package does.
func FuzzRequest(f *testing.F) {
	seed, err := proto.Marshal(&pb.WASMRequest{
		Step: &pb.PipelineStep{Name: "s"}, InputPayload: []byte("{}"), InputStep: []byte("i"), DataFormat: 2,
		InterStepResult: &pb.InterStepResult{Audience: &pb.Audience{ServiceName: "svc"}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(append(seed, seed...))
	f.Add(seed[:len(seed)-1])
	f.Add([]byte("\x12\x81\x00x"))
	f.Add([]byte("\x92\x00\x01x"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Add([]byte("hello world"))
	f.Fuzz(func(t *testing.T, request []byte) {
		p := alloc(uint32(len(request)))
		copy(vm.Mem[p:], request)
		bad := beginKeep(p, uint32(len(request)))
		busy = false
		want := &pb.WASMRequest{}
		if proto.Unmarshal(request, want) != nil {
			return // nested messages and texts are not ours to check
		}
		if bad == requestWireType { // groups are legal, and nobody sends them
			return
		}
		if bad == requestEmpty && len(want.GetInputPayload()) == 0 {
			return
		}
		if bad != requestFine {
			t.Fatalf("%q: problem %d", request, bad)
		}
		if got := vm.Mem[pay:end]; !bytes.Equal(got, want.GetInputPayload()) {
			t.Errorf("%q: payload %q, want %q", request, got, want.GetInputPayload())
		}
		if dataFormat != uint32(want.GetDataFormat()) {
			t.Errorf("%q: format %d, want %d", request, dataFormat, want.GetDataFormat())
		}
		if (result != 0) != (want.InterStepResult != nil) {
			t.Errorf("%q: result at %d, want %v", request, result, want.InterStepResult)
		}
	})
}

func TestRefuse(t *testing.T) {
	for request, want := range map[string]string{
		"":                 "invalid wasm request: input cannot be empty",
		"\x12\x00":         "invalid wasm request: input cannot be empty",
		"\x12\x05abc":      "unable to read request: Unexpected EOF",
		"\xff\xff\xff\xff": "unable to read request: Unexpected EOF",
		"hello world":      "unable to read request: Unexpected wire type",
		"\x10\x01":         "unable to read request: Unexpected wire type",
		"\x12\x01x\x00":    "unable to read request: Incorrect tag",
		"\x17":             "unable to read request: Unexpected wire type",
		"\x37":             "unable to read request: Incorrect tag",
	} {
		p := alloc(uint32(len(request)))
		copy(vm.Mem[p:], request)
		at := beginDetective(p, uint32(len(request)))
		r := &pb.WASMResponse{}
		if err := proto.Unmarshal(vm.Mem[at>>32:at>>32+at&0xffffffff], r); err != nil {
			t.Fatal(err)
		}
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_ERROR || r.GetExitMsg() != want {
			t.Errorf("%q: got %v %q, want %q", request, r.GetExitCode(), r.GetExitMsg(), want)
		}
		if request[:min(3, len(request))] == "\x12\x01x" && string(r.GetOutputPayload()) != "x" {
			t.Errorf("%q: output %q, want the payload that could be read", request, r.GetOutputPayload())
		}
	}
}
