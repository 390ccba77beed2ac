package bench

import (
	"context"
	"crypto/sha256"
)

// take returns a compiled module for the time until give.
func (b *Bench) take(ctx context.Context, module []byte) (*entry, error) {
	k := key(sha256.Sum256(module))
	if e := b.find(k); e != nil {
		return e, nil
	}
	// One at a time: the engine knows equal modules as one, and closing it twice would take
	// it from who still has it.
	b.compiling.Lock()
	defer b.compiling.Unlock()
	if e := b.find(k); e != nil {
		return e, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	compiled, err := b.runtime.Compile(ctx, module)
	if err != nil {
		return nil, err
	}
	e := &entry{key: k, module: compiled, users: 1}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.compiled[k] = b.order.PushFront(e)
	return e, nil
}

func (b *Bench) find(k key) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := b.compiled[k]
	if at == nil {
		return nil
	}
	b.order.MoveToFront(at)
	e := at.Value.(*entry)
	e.users++
	return e
}

// give ends the use of a compiled module and forgets those that are too many.
func (b *Bench) give(ctx context.Context, e *entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e.users--
	for at := b.order.Back(); at != nil && len(b.compiled) > maxCompiled; at = b.order.Back() {
		old := at.Value.(*entry)
		if old.users > 0 {
			break
		}
		b.order.Remove(at)
		delete(b.compiled, old.key)
		if err := old.module.Close(ctx); err != nil {
			return err
		}
	}
	return nil
}
