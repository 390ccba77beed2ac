package runner

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"
)

// Sequence is the order in which an SDK makes the four calls around one request.
type Sequence int

// The sequences differ in what they free, and when.
const (
	Go     Sequence = iota // frees request and response, and decodes the response after freeing it
	Node                   // frees nothing
	Python                 // frees an address that is really the response's length
	Ruby                   // frees the response
)

// run makes one call and shows its answer to use at the moment when the SDK reads it.
func (s Sequence) run(ctx context.Context, i *Instance, request []byte, use func(answer []byte) error) error {
	at, err := i.call(ctx, i.alloc, uint64(len(request)), 0)
	if err != nil {
		return fmt.Errorf("allocate %d bytes: %w", len(request), err)
	}
	p := uint32(at)
	if !i.memory.Write(p, request) {
		return fmt.Errorf("write %d bytes at %d: memory has %d", len(request), p, i.memory.Size())
	}
	result, err := i.call(ctx, i.f, uint64(p), uint64(len(request)))
	if err != nil {
		err = fmt.Errorf("call module: %w", err)
		if s == Go {
			err = errors.Join(err, i.free(ctx, uint64(p), len(request)))
		}
		return err
	}
	from, n := uint32(result>>32), uint32(result)
	if s == Go {
		if err := i.free(ctx, uint64(p), len(request)); err != nil {
			return err
		}
	}
	answer, ok := i.memory.Read(from, n)
	if !ok {
		return fmt.Errorf("read %d bytes at %d: memory has %d", n, from, i.memory.Size())
	}
	if s == Go {
		if err := i.free(ctx, uint64(from), int(n)); err != nil {
			return err
		}
	}
	if err := use(answer); err != nil {
		return err
	}
	switch s {
	case Python:
		return i.free(ctx, uint64(n), int(n))
	case Ruby:
		return i.free(ctx, uint64(from), int(n))
	}
	return nil
}

func (i *Instance) free(ctx context.Context, p uint64, n int) error {
	if _, err := i.call(ctx, i.dealloc, p, uint64(n)); err != nil {
		return fmt.Errorf("free %d bytes: %w", n, err)
	}
	return nil
}

// call calls one of the module's functions, none of which has more than two
// parameters or one result.
func (i *Instance) call(ctx context.Context, f api.Function, a, b uint64) (uint64, error) {
	i.stack = [2]uint64{a, b}
	err := f.CallWithStack(ctx, i.stack[:])
	return i.stack[0], err
}
