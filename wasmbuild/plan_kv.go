package wasmbuild

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// planKV fills r for a key-value step. SDKs can look keys up and nothing else.
func planKV(r *rule, step *pb.PipelineStep) error {
	kv := step.GetKv()
	switch kv.GetAction() {
	case shared.KVAction_KV_ACTION_EXISTS:
	case shared.KVAction_KV_ACTION_UNSET:
		return refuse("The key-value step does not say what to do; choose the action KV_ACTION_EXISTS.")
	default:
		return refuse("Key-value action %s cannot be done by a step, since SDKs only offer to look a key up; choose KV_ACTION_EXISTS.", kv.GetAction())
	}
	if kv.GetKey() == "" {
		return refuse("The key-value step has no key; set it to the key or, in mode KV_MODE_DYNAMIC, to the path of the key in the payload.")
	}
	head := protowire.AppendVarint(nil, 1<<3)
	head = protowire.AppendVarint(head, uint64(kv.GetAction()))
	head = protowire.AppendVarint(head, 2<<3)
	head = protowire.AppendVarint(head, uint64(kv.GetMode()))
	var tail []byte
	if kv.Value != nil {
		tail = protowire.AppendBytes(protowire.AppendTag(nil, 4, protowire.BytesType), kv.GetValue())
	}
	switch kv.GetMode() {
	case steps.KVMode_KV_MODE_STATIC:
		r.entry = "kvStatic"
		head = protowire.AppendString(protowire.AppendTag(head, 3, protowire.BytesType), kv.GetKey())
		setText(r, "AskHead", string(append(head, tail...)))
		return nil
	case steps.KVMode_KV_MODE_DYNAMIC:
		r.entry = "kvDynamic"
		setText(r, "AskHead", string(head))
		setText(r, "AskTail", string(tail))
		setText(r, "NotFound", fmt.Sprintf("unable to complete dynamic key lookup: error: path '%s' not found in data", kv.GetKey()))
		return planPath(r, kv.GetKey())
	case steps.KVMode_KV_MODE_UNSET:
		return refuse("The key-value step has no mode; choose KV_MODE_STATIC for a fixed key or KV_MODE_DYNAMIC for a path.")
	}
	return refuse("Key-value mode %s is not known; choose KV_MODE_STATIC for a fixed key or KV_MODE_DYNAMIC for a path.", kv.GetMode())
}
