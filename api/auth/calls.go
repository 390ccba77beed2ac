package auth

import (
	"context"
	"sync"
)

// holder is what a call depends on and what may end before it does.
type holder struct {
	session [16]byte
	of      string // the scoped token that the session was made with
	token   string
}

func (h holder) isSession() bool { return h.session != [16]byte{} }

// holders returns what a call with this credential depends on.
func (c credential) holders() (list []holder) {
	if c.session != nil {
		list = append(list, holder{session: c.session.id, of: c.Token})
	}
	if c.Token != "" {
		list = append(list, holder{token: c.Token})
	}
	return list
}

// calls are those that are open, by what they depend on.
type calls struct {
	mu   sync.Mutex
	open map[holder]map[*context.CancelCauseFunc]struct{}
}

// enter notes a call. leave forgets and cancels it.
func (x *calls) enter(on []holder, cancel context.CancelCauseFunc) (leave func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, h := range on {
		if x.open[h] == nil {
			x.open[h] = map[*context.CancelCauseFunc]struct{}{}
		}
		x.open[h][&cancel] = struct{}{}
	}
	return func() {
		cancel(nil)
		x.mu.Lock()
		defer x.mu.Unlock()
		for _, h := range on {
			delete(x.open[h], &cancel)
			if len(x.open[h]) == 0 {
				delete(x.open, h)
			}
		}
	}
}

// end cancels the calls of the holders that match.
func (x *calls) end(cause error, match func(holder) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for h, list := range x.open {
		if !match(h) {
			continue
		}
		for cancel := range list {
			(*cancel)(cause)
		}
	}
}
