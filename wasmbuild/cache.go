package wasmbuild

import (
	"container/list"
	"sync"
)

// cache keeps the modules used last.
type cache struct {
	mu    sync.Mutex
	limit int
	order *list.List // of *cached, the one used last in front
	byKey map[string]*list.Element
}

type cached struct {
	key    string
	module *Module
}

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

func (c *cache) get(key string) (*Module, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).module, true
}

func (c *cache) put(key string, m *Module) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.byKey[key]; ok {
		e.Value.(*cached).module = m
		c.order.MoveToFront(e)
		return
	}
	c.byKey[key] = c.order.PushFront(&cached{key, m})
	for c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.byKey, last.Value.(*cached).key)
	}
}
