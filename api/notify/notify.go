// Package notify tells people what a pipeline's step found: by Slack, e-mail (SMTP or SES) or
// PagerDuty.
//
// An SDK says which condition of which step was met. Whom that concerns is read from the
// stored pipeline, never from the request: an SDK cannot make this server write to somebody
// whom its pipeline does not name. From then on there is one delivery for each notification
// config: queued, limited in rate, tried again with growing pauses, each config on its own, so
// that one that does not work holds up none of the others.
package notify

import (
	"context"
	"crypto/x509"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// Defaults of Config.
const (
	// DefaultQueue holds the worst case of payloads in less than 40 MiB.
	DefaultQueue = 1000
	// DefaultWorkers is how many configs may be slow without holding up the others.
	DefaultWorkers = 8
	// DefaultTimeout of one attempt.
	DefaultTimeout = 15 * time.Second
	// DefaultAttempts with DefaultPause bridge an outage of a minute.
	DefaultAttempts = 6
	// DefaultPause before the second attempt; it doubles from one to the next.
	DefaultPause = 2 * time.Second
	// DefaultBurst and DefaultEvery bound what one config gets: a rule that matches every
	// message would otherwise send thousands of e-mails a second.
	DefaultBurst = 5
	DefaultEvery = 6 * time.Second

	// longestPause bounds the pause between attempts, and what a receiver may ask for.
	longestPause = time.Minute
)

// Catalog is where pipelines and notification configs are.
type Catalog interface {
	Snapshot() *catalog.Snapshot
}

// Config is what New needs. Only Catalog is required; zero values take the defaults.
type Config struct {
	Catalog  Catalog
	Queue    int           // deliveries that wait at the same time; more are dropped
	Workers  int           // deliveries under way at the same time
	Timeout  time.Duration // of one attempt
	Attempts int           // of one delivery
	Pause    time.Duration // before the second attempt
	Burst    int           // deliveries of one config at once
	Every    time.Duration // one more delivery of a config after this time
	// PublicOnly refuses SMTP servers with loopback, private and link-local addresses.
	PublicOnly bool
	// Roots are the authorities that mail servers' certificates are checked against;
	// the system's by default.
	Roots *x509.CertPool
	// Endpoints replaces the services' own, for tests.
	Endpoints Endpoints
	Now       func() time.Time // default time.Now
	Log       zerolog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.Queue, DefaultQueue)
	setDefault(&c.Workers, DefaultWorkers)
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.Attempts, DefaultAttempts)
	setDefault(&c.Pause, DefaultPause)
	setDefault(&c.Burst, DefaultBurst)
	setDefault(&c.Every, DefaultEvery)
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Endpoints = c.Endpoints.withDefaults()
	return c
}

func setDefault[T int | time.Duration](value *T, otherwise T) {
	if *value <= 0 {
		*value = otherwise
	}
}

// Stats counts since the start. Sent and Failed are by receiver: slack, smtp, ses, pagerduty.
type Stats struct {
	Waiting    int               // deliveries that are queued, under way or to be tried again
	Sent       map[string]uint64 // deliveries that arrived
	Failed     map[string]uint64 // deliveries given up
	Retried    uint64            // attempts that failed and were followed by another
	Suppressed uint64            // over the rate limit
	Dropped    uint64            // no room in the queue, or shut down before they were sent
	Unnamed    uint64            // requests whose pipeline or step is not stored, and ids without a config
}

// Notifier is safe for concurrent use.
type Notifier struct {
	cfg     Config
	senders senders
	queue   *queue
	limits  *limits
	log     zerolog.Logger // bounded: what goes wrong for one message goes wrong for thousands

	mu      sync.Mutex // guards the two maps
	sent    map[string]uint64
	failed  map[string]uint64
	retried atomic.Uint64
	dropped atomic.Uint64
	unnamed atomic.Uint64
}

// New returns a Notifier. Run must be called for anything to be sent.
func New(c Config) *Notifier {
	c = c.withDefaults()
	return &Notifier{
		cfg: c, senders: newSenders(c), queue: newQueue(c.Queue, c.Now), limits: newLimits(c.Burst, c.Every),
		log:  c.Log.Sample(&zerolog.BurstSampler{Burst: 10, Period: time.Minute}),
		sent: make(map[string]uint64), failed: make(map[string]uint64),
	}
}

// Run sends what Notify queues, until ctx ends or Drain is done. It always returns nil.
func (n *Notifier) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for range n.cfg.Workers {
		workers.Go(func() {
			for {
				d := n.queue.take(ctx)
				if d == nil {
					return
				}
				n.deliver(ctx, d)
			}
		})
	}
	workers.Wait()
	return nil
}

// Notify queues what a request asks for and returns at once. What it cannot use is counted.
func (n *Notifier) Notify(req *pb.NotifyRequest) {
	snap := n.cfg.Catalog.Snapshot()
	source := find(snap, req)
	if source == nil {
		n.unnamed.Add(1)
		n.log.Warn().Str("pipeline_id", brief(req.GetPipelineId())).Str("step", brief(req.GetStep().GetName())).
			Msg("an SDK asked for a notification about a step that is not stored")
		return
	}
	var made *alert // the same for all, made when one is needed
	named := source.rule.GetNotificationConfigIds()
	for i, asked := range named {
		id, known := configOf(snap, asked)
		if !known {
			n.unnamed.Add(1)
			n.log.Warn().Str("pipeline_id", source.pipeline.GetId()).Str("notification_id", asked).
				Bool("locked", snap.Locked[asked]).Msg("a step names a notification config that cannot be used")
			continue
		}
		if slices.Contains(named[:i], asked) {
			continue
		}
		suppressed, allowed := n.limits.take(id, n.cfg.Now())
		if !allowed {
			continue
		}
		if made == nil {
			made = source.alert(req, n.cfg.Now())
		}
		if !n.queue.put(&delivery{config: id, alert: made, suppressed: suppressed}) {
			n.dropped.Add(1)
			n.limits.giveBack(id, suppressed)
			n.log.Warn().Str("notification_id", id).Msg("no room for another notification; dropped one")
		}
	}
	n.limits.forget(len(snap.Notifications), func(id string) bool { return snap.Notifications[id] != nil })
}

// Drain makes Notify drop what comes from now on, tries what waits once more, and returns
// when nothing is left or ctx ends. Run returns afterwards.
func (n *Notifier) Drain(ctx context.Context) {
	n.queue.close()
	select {
	case <-n.queue.empty:
	case <-ctx.Done():
		if left := n.queue.clear(); left > 0 {
			n.dropped.Add(uint64(left))
			n.cfg.Log.Warn().Int("notifications", left).Msg("shut down before all notifications were sent")
		}
	}
}

// Test sends a message that says it is a test to a config, past queue and limits, and waits
// for the outcome. The error is of package failure.
func (n *Notifier) Test(ctx context.Context, id string) error {
	snap := n.cfg.Catalog.Snapshot()
	if snap.Locked[id] {
		return failure.New(failure.Locked, "notification config '%s' is sealed with a key that this server was not given", id)
	}
	config := snap.Notifications[id]
	if config == nil {
		return failure.New(failure.NotFound, "notification config '%s' not found", id)
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	kind, err := n.senders.send(ctx, config, trial(n.cfg.Now()), 0)
	n.count(kind, err)
	if err != nil {
		return failure.New(failure.Upstream, "%s", err)
	}
	return nil
}

// Stats returns the counts.
func (n *Notifier) Stats() Stats {
	s := Stats{
		Waiting: n.queue.waiting(), Retried: n.retried.Load(), Suppressed: n.limits.suppressed(),
		Dropped: n.dropped.Load(), Unnamed: n.unnamed.Load(),
		Sent: make(map[string]uint64, len(kinds)), Failed: make(map[string]uint64, len(kinds)),
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, kind := range kinds {
		s.Sent[kind], s.Failed[kind] = n.sent[kind], n.failed[kind]
	}
	return s
}
