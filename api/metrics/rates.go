package metrics

import (
	"context"
	"math"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/store"
)

// Nodes tell each other their rates only while somebody looks. A node with viewers asks now
// and then; nodes that were asked lately answer every second.
const (
	topicAsk  = "rates-ask"
	topicTell = "rates-tell"

	tellEvery = time.Second
	askEvery  = 3 * time.Second
	askedFor  = 10 * time.Second // how long an ask counts: two may get lost
	toldFor   = 3 * time.Second  // how long an answer counts
	// shownFor is how long a group that went idle is shown with a rate of zero.
	shownFor = 10 * time.Minute

	publishWithin = time.Second
)

// Topics are what this package says on the bus.
func Topics() []string { return []string{topicAsk, topicTell} }

// exchange is what a node knows about the rates of others.
type exchange struct {
	bus  store.Bus
	wake chan struct{} // of one; a first viewer has come

	mu      sync.Mutex
	viewers int
	asked   time.Time       // when others last asked
	told    map[string]told // by node
	shown   map[string]time.Time
	lost    uint64 // messages that could not be sent or read
}

type told struct {
	at        time.Time
	groups    []*counters.GroupRate
	audiences []*counters.AudienceRate
}

func newExchange(bus store.Bus) *exchange {
	return &exchange{bus: bus, wake: make(chan struct{}, 1), told: make(map[string]told), shown: make(map[string]time.Time)}
}

// WatchRates makes other nodes tell their rates until ctx ends.
func (m *Metrics) WatchRates(ctx context.Context) {
	x := m.exchange
	x.mu.Lock()
	x.viewers++
	first := x.viewers == 1
	x.mu.Unlock()
	if first {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
	context.AfterFunc(ctx, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.viewers--
	})
}

// Rates returns what passes through each group of audiences per second, averaged over the
// last 10 s, in the whole cluster. Groups that went idle stay for a while with zeros. Other
// nodes' shares are known only while WatchRates is in force. The message is the caller's.
func (m *Metrics) Rates() *pb.GetAudienceRatesResponse {
	now, x := m.cfg.Now(), m.exchange
	own := m.ownGroups()
	x.mu.Lock()
	defer x.mu.Unlock()
	rates := make(map[string]*pb.AudienceRate)
	add := func(groups []*counters.GroupRate) {
		for _, g := range groups {
			rate := rates[g.GetGroup()]
			if rate == nil {
				rate = &pb.AudienceRate{}
				rates[g.GetGroup()] = rate
			}
			rate.Bytes += g.GetBytes()
			rate.Processed += g.GetProcessed()
			if _, ok := x.shown[g.GetGroup()]; ok || len(x.shown) < maxGroups {
				x.shown[g.GetGroup()] = now
			}
		}
	}
	add(own)
	for node, t := range x.told {
		if now.Sub(t.at) > toldFor {
			delete(x.told, node)
			continue
		}
		add(t.groups)
	}
	for group, at := range x.shown {
		switch {
		case now.Sub(at) > shownFor:
			delete(x.shown, group)
		case rates[group] == nil:
			rates[group] = &pb.AudienceRate{}
		}
	}
	for _, rate := range rates {
		rate.Bytes, rate.Processed = rounded(rate.GetBytes()), rounded(rate.GetProcessed())
	}
	return &pb.GetAudienceRatesResponse{Rates: rates}
}

// rounded takes off what adding fractions left behind: the original's Console prints all digits.
func rounded(rate float64) float64 { return math.Round(rate*1000) / 1000 }

// share asks other nodes for their rates and tells them ours, until ctx ends.
func (m *Metrics) share(ctx context.Context) {
	x := m.exchange
	asks, tells := x.bus.Subscribe(ctx, topicAsk), x.bus.Subscribe(ctx, topicTell)
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	var asked time.Time // when this node last asked
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
			m.ask(ctx)
			asked = m.cfg.Now()
		case <-tick.C:
			if x.hasViewers() && m.cfg.Now().Sub(asked) >= askEvery {
				m.ask(ctx)
				asked = m.cfg.Now()
			}
			if x.wasAsked(m.cfg.Now()) {
				m.tell(ctx)
			}
		case node, open := <-asks:
			if !open {
				return
			}
			if !m.isMine(string(node)) && x.noteAsk(m.cfg.Now()) {
				m.tell(ctx)
			}
		case message, open := <-tells:
			if !open {
				return
			}
			m.hear(message)
		}
	}
}

func (m *Metrics) ask(ctx context.Context) { m.exchange.publish(ctx, topicAsk, []byte(m.cfg.Node)) }

func (m *Metrics) tell(ctx context.Context) {
	groups, audiences := m.ownGroups(), m.ownAudiences()
	if len(groups)+len(audiences) == 0 {
		return // silence says the same
	}
	message, err := proto.Marshal(&counters.Rates{Node: m.cfg.Node, Groups: groups, Audiences: audiences})
	if err != nil {
		m.exchange.lose()
		return
	}
	m.exchange.publish(ctx, topicTell, message)
}

// hear takes over what another node told.
func (m *Metrics) hear(message []byte) {
	x := m.exchange
	if !x.hasViewers() {
		return
	}
	rates := &counters.Rates{}
	if proto.Unmarshal(message, rates) != nil || len(rates.GetGroups()) > maxGroups || len(rates.GetAudiences()) > 3*maxGroups {
		x.lose()
		return
	}
	if m.isMine(rates.GetNode()) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.told[rates.GetNode()] = told{m.cfg.Now(), rates.GetGroups(), rates.GetAudiences()}
}

func (x *exchange) publish(ctx context.Context, topic string, message []byte) {
	ctx, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	if err := x.bus.Publish(ctx, topic, message); err != nil {
		x.lose()
	}
}

func (x *exchange) lose() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lost++
}

func (x *exchange) hasViewers() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.viewers > 0
}

func (x *exchange) wasAsked(now time.Time) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return !x.asked.IsZero() && now.Sub(x.asked) < askedFor
}

// noteAsk returns whether nobody had asked lately.
func (x *exchange) noteAsk(now time.Time) (first bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	first = x.asked.IsZero() || now.Sub(x.asked) >= askedFor
	x.asked = now
	return first
}
