package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// delivery is an alert on its way to one config.
type delivery struct {
	config     string
	alert      *alert
	suppressed int // alerts that the rate limit held back before this one
	attempts   int
	due        time.Time // of the next attempt
}

// deliver makes one attempt, and puts the delivery back when it is worth another.
func (n *Notifier) deliver(ctx context.Context, d *delivery) {
	config := n.cfg.Catalog.Snapshot().Notifications[d.config]
	if config == nil { // deleted since
		n.unnamed.Add(1)
		n.queue.done(d)
		return
	}
	attempt, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	kind, err := n.senders.send(attempt, config, d.alert, d.suppressed)
	cancel()
	d.attempts++
	if err == nil {
		n.count(kind, nil)
		n.queue.done(d)
		return
	}
	if ctx.Err() != nil {
		n.dropped.Add(1)
		n.queue.done(d)
		return
	}
	pause, again := n.pause(d, err)
	if again && n.queue.again(d, n.cfg.Now().Add(pause)) {
		n.retried.Add(1)
		return
	}
	n.count(kind, err)
	n.queue.done(d)
	n.log.Warn().Err(err).Str("notification_id", d.config).Str("pipeline_id", d.alert.PipelineID).Int("attempts", d.attempts).
		Msg("a notification could not be sent")
}

// pause returns how long to wait before the next attempt, if there is to be one.
func (n *Notifier) pause(d *delivery, err error) (time.Duration, bool) {
	if d.attempts >= n.cfg.Attempts {
		return 0, false
	}
	var refused *refusal
	if errors.As(err, &refused) {
		if !refused.temporary {
			return 0, false
		}
		if refused.after > 0 {
			return min(refused.after, longestPause), true
		}
	}
	pause := min(n.cfg.Pause<<min(d.attempts-1, 16), longestPause)
	return pause/2 + rand.N(pause/2+1), true
}

func (n *Notifier) count(kind string, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.failed[kind]++
		return
	}
	n.sent[kind]++
}

// refusal is an answer of a receiver other than yes. Errors of another type are of the way
// there, and worth another attempt.
type refusal struct {
	text      string
	temporary bool
	after     time.Duration // what the receiver asks for
}

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error {
	return &refusal{text: fmt.Sprintf(format, args...)}
}
