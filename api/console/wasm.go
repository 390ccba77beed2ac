package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild/upload"
)

// Uploads judges modules for custom steps. What it refuses gives an *upload.RefusedError.
type Uploads interface {
	Check(ctx context.Context, module []byte, function string) error
}

// plainName is what names of modules and audiences are made of.
var plainName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

var errNoModule = failure.New(failure.NotFound, "wasm not found")

// GetWasm returns what is known of a module, without its bytes.
func (s *Server) GetWasm(_ context.Context, req *pb.GetWasmRequest) (*pb.GetWasmResponse, error) {
	if err := checkSet("Id", req.GetId()); err != nil {
		return nil, fmt.Errorf("unable to validate GetWasm request: %w", err)
	}
	m := s.catalog.Snapshot().Modules[req.GetId()]
	if m == nil {
		return nil, fmt.Errorf("unable to get Wasm entry: %w", errNoModule)
	}
	return &pb.GetWasmResponse{Wasm: withoutBytes(m)}, nil
}

// GetAllWasm returns every module without its bytes: uploaded ones first, then those that
// were built for steps, by name.
func (s *Server) GetAllWasm(context.Context, *pb.GetAllWasmRequest) (*pb.GetAllWasmResponse, error) {
	reply := &pb.GetAllWasmResponse{}
	for _, m := range s.catalog.Snapshot().Modules {
		reply.Wasm = append(reply.Wasm, withoutBytes(m))
	}
	slices.SortFunc(reply.Wasm, func(a, b *shared.WasmModule) int {
		if a.GetXBundled() != b.GetXBundled() {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Or(cmp.Compare(a.GetName(), b.GetName()), cmp.Compare(a.GetId(), b.GetId()))
	})
	return reply, nil
}

func rank(m *shared.WasmModule) int {
	if m.GetXBundled() {
		return 1
	}
	return 0
}

// withoutBytes copies all of a module but its code, which may be megabytes.
func withoutBytes(m *shared.WasmModule) *shared.WasmModule {
	return &shared.WasmModule{
		Id: m.GetId(), Function: m.GetFunction(), Name: m.GetName(), XFilename: m.GetXFilename(), XBundled: m.GetXBundled(),
		Description: m.Description, Version: m.Version, Url: m.Url,
		XCreatedAtUnixTsNsUtc: m.XCreatedAtUnixTsNsUtc, XUpdatedAtUnixTsNsUtc: m.XUpdatedAtUnixTsNsUtc, XCreatedBy: m.XCreatedBy,
	}
}

// CreateWasm stores an uploaded module for custom steps once it has been found fit to run.
// Its id is made of its bytes.
func (s *Server) CreateWasm(ctx context.Context, req *pb.CreateWasmRequest) (*pb.CreateWasmResponse, error) {
	m, err := s.uploaded(ctx, req.GetWasm())
	if err != nil {
		return nil, fmt.Errorf("unable to validate CreateWasm request: %w", err)
	}
	m.Id = upload.ID(m.GetBytes())
	m.XCreatedAtUnixTsNsUtc = proto.Int64(s.now().UnixNano())
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		switch old := tx.Snapshot().Modules[m.GetId()]; {
		case old == nil:
			tx.PutModule(m)
			return nil
		case old.GetName() == m.GetName():
			return failure.New(failure.Exists, "Wasm module with this 'id' and 'name' already exists, use external.UpdateWasm() to update")
		}
		return failure.New(failure.Exists, "Wasm module with this ID already exists, use external.UpdateWasm() instead")
	})
	if err != nil {
		return nil, err
	}
	return &pb.CreateWasmResponse{Message: "Wasm module created", Id: m.GetId()}, nil
}

// uploaded returns a copy of an upload without what only the server may say, or why it is
// not taken.
func (s *Server) uploaded(ctx context.Context, sent *shared.WasmModule) (*shared.WasmModule, error) {
	switch {
	case sent == nil:
		return nil, invalid("invalid custom wasm: field 'Wasm' cannot be nil")
	case sent.GetName() == "":
		return nil, invalid("invalid custom wasm: field 'Name' cannot be empty")
	case !plainName.MatchString(sent.GetName()), len(sent.GetName()) > maxText:
		return nil, invalid("invalid custom wasm: field 'Name' contains invalid characters")
	case len(sent.GetBytes()) == 0:
		return nil, invalid("invalid custom wasm: field 'Bytes' cannot be nil")
	}
	for field, text := range map[string]string{
		"Function": sent.GetFunction(), "Filename": sent.GetXFilename(), "Version": sent.GetVersion(), "CreatedBy": sent.GetXCreatedBy(),
	} {
		if err := checkText(field, text); err != nil {
			return nil, fmt.Errorf("invalid custom wasm: %w", err)
		}
	}
	if n := len(sent.GetDescription()) + len(sent.GetUrl()); n > maxJSON {
		return nil, invalid("invalid custom wasm: description and URL have %d bytes, at most %d are allowed", n, maxJSON)
	}
	m := withoutBytes(sent)
	m.Bytes = sent.GetBytes()
	m.XBundled, m.XCreatedAtUnixTsNsUtc, m.XUpdatedAtUnixTsNsUtc = false, nil, nil
	if m.Function == "" {
		m.Function = upload.DefaultFunction
	}
	err := s.uploads.Check(ctx, m.GetBytes(), m.GetFunction())
	var refusal *upload.RefusedError
	if errors.As(err, &refusal) {
		return nil, invalid("invalid custom wasm: %s", refusal.Reason)
	}
	return m, err
}

// UpdateWasm replaces an uploaded module. Its id stays; SDKs get the new code at once, under
// an id of their own.
func (s *Server) UpdateWasm(ctx context.Context, req *pb.UpdateWasmRequest) (*pb.StandardResponse, error) {
	m, err := s.updateWasm(ctx, req.GetWasm())
	return s.inBand(ctx, "UpdateWasm", fmt.Sprintf("successfully updated wasm module with id '%s', name '%s'", m.GetId(), m.GetName()), err)
}

func (s *Server) updateWasm(ctx context.Context, sent *shared.WasmModule) (*shared.WasmModule, error) {
	if err := checkSet("Id", sent.GetId()); sent != nil && err != nil {
		return nil, fmt.Errorf("unable to validate UpdateWasm request: invalid custom wasm: %w", err)
	}
	m, err := s.uploaded(ctx, sent)
	if err != nil {
		return nil, fmt.Errorf("unable to validate UpdateWasm request: %w", err)
	}
	_, err = s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		old := tx.Snapshot().Modules[m.GetId()]
		switch {
		case old == nil:
			return failure.New(failure.NotFound, "Existing wasm module not found")
		case old.GetXBundled():
			return invalid("cannot update bundled wasm module with ID '%s'", m.GetId())
		}
		m.XCreatedAtUnixTsNsUtc, m.XCreatedBy = old.XCreatedAtUnixTsNsUtc, old.XCreatedBy
		// SDKs tell two versions apart by this time, so it never stands still.
		m.XUpdatedAtUnixTsNsUtc = proto.Int64(max(s.now().UnixNano(), old.GetXUpdatedAtUnixTsNsUtc()+1))
		tx.PutModule(m)
		for _, p := range usersOf(tx.Snapshot(), m.GetId()) {
			tx.PutPipeline(withFunction(p, m)) // written again: this is a new version of it
		}
		return nil
	})
	return m, err
}

// usersOf returns the pipelines with a custom step that runs the module, by id.
func usersOf(snap *catalog.Snapshot, module string) (users []*pb.Pipeline) {
	for _, p := range snap.Pipelines {
		if slices.ContainsFunc(p.GetSteps(), func(step *pb.PipelineStep) bool {
			return step.GetCustom() != nil && step.GetXWasmId() == module
		}) {
			users = append(users, p)
		}
	}
	slices.SortFunc(users, func(a, b *pb.Pipeline) int { return cmp.Compare(a.GetId(), b.GetId()) })
	return users
}

// withFunction returns a copy of a pipeline whose custom steps call the module as it wants.
func withFunction(p *pb.Pipeline, m *shared.WasmModule) *pb.Pipeline {
	p = proto.CloneOf(p)
	for _, step := range p.GetSteps() {
		if step.GetCustom() != nil && step.GetXWasmId() == m.GetId() {
			step.XWasmFunction = proto.String(m.GetFunction())
		}
	}
	return p
}

// DeleteWasm deletes uploaded modules, all or none; one that a pipeline uses stays.
func (s *Server) DeleteWasm(ctx context.Context, req *pb.DeleteWasmRequest) (*pb.StandardResponse, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(req.GetIds())))
	err := s.deleteWasm(ctx, ids)
	return s.inBand(ctx, "DeleteWasm", fmt.Sprintf("Successfully deleted '%d' wasm module(s)", len(ids)), err)
}

func (s *Server) deleteWasm(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return invalid("unable to validate DeleteWasm request: must specify at least one ID")
	}
	_, err := s.catalog.Update(ctx, func(tx *catalog.Tx) error {
		for _, id := range ids {
			m := tx.Snapshot().Modules[id]
			switch {
			case m == nil:
				return failure.New(failure.NotFound, "wasm module with ID '%s' not found", id)
			case m.GetXBundled():
				return invalid("cannot delete bundled wasm module with ID '%s'", id)
			}
			if users := usersOf(tx.Snapshot(), id); len(users) > 0 {
				return invalid("cannot delete wasm module with ID '%s', it is used by pipeline '%s'", id, users[0].GetId())
			}
			tx.DeleteModule(id)
		}
		return nil
	})
	return err
}
