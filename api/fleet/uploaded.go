package fleet

import (
	"encoding/binary"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
)

// sentID is the id under which SDKs get a module. They keep one instance per id for as long
// as they run, so an uploaded module that was replaced under its id, or is called by another
// function, needs one of its own for each version.
func sentID(m *shared.WasmModule) string {
	if m.GetXBundled() || (m.XUpdatedAtUnixTsNsUtc == nil && function(m) == defaultFunction) {
		return m.GetId() // made of its bytes
	}
	version := binary.AppendVarint([]byte(m.GetId()+"\x00"+function(m)+"\x00"), m.GetXUpdatedAtUnixTsNsUtc())
	return uuid.NewSHA1(uploadedNamespace, version).String()
}

// uploadedNamespace makes the ids of replaced modules, the same on every node.
var uploadedNamespace = uuid.MustParse("0c3b8d0e-2f7a-4f57-8a44-3f1f6a1f0f5d")

// function is the entry point of a module.
func function(m *shared.WasmModule) string {
	if m.GetFunction() == "" {
		return defaultFunction
	}
	return m.GetFunction()
}

// nameModules writes into custom steps the id and the function under which SDKs get their
// modules. The pipeline must be the caller's own.
func nameModules(p *pb.Pipeline, modules map[string]*shared.WasmModule) {
	for _, step := range p.GetSteps() {
		if m := modules[step.GetXWasmId()]; step.GetCustom() != nil && m != nil {
			step.XWasmId, step.XWasmFunction = proto.String(sentID(m)), proto.String(function(m))
		}
	}
}
