package client

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// maxNotifications bounds what waits for the next report; more are dropped.
const maxNotifications = 100

// series is what increments are added up by.
type series struct {
	name     string
	audience audience.Key
	pipeline string
}

// report gathers what is told to the server once per interval. The zero value is ready.
type report struct {
	mu            sync.Mutex
	metrics       map[series]*pb.Metric
	inferred      map[audience.Key]*pb.SendSchemaRequest // the newest, as long as it was not sent
	sent          map[audience.Key][]byte                // schema that the server has
	notifications []*pb.NotifyRequest
	dropped       uint64
}

// direction is how counters of an audience are named.
func direction(a *pb.Audience) string {
	if a.GetOperationType() == pb.OperationType_OPERATION_TYPE_PRODUCER {
		return "counter_produce_"
	}
	return "counter_consume_"
}

// rates counts a payload, whether or not there is anything to run.
func (r *report) rates(a *pb.Audience, size int) {
	r.add(direction(a)+"bytes_rate", a, nil, float64(size))
	r.add(direction(a)+"processed_rate", a, nil, 1)
}

// pipeline counts a payload that goes through a pipeline.
func (r *report) pipeline(a *pb.Audience, p *pb.Pipeline, size int) {
	r.add(direction(a)+"bytes", a, p, float64(size))
	r.add(direction(a)+"processed", a, p, 1)
}

// failed counts a step that ended in an error.
func (r *report) failed(a *pb.Audience, p *pb.Pipeline) { r.add(direction(a)+"errors", a, p, 1) }

// notified counts a notification that a step asked for.
func (r *report) notified(a *pb.Audience, p *pb.Pipeline) { r.add("counter_notify", a, p, 1) }

func (r *report) add(name string, a *pb.Audience, p *pb.Pipeline, value float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := series{name, audience.KeyOf(a), p.GetId()}
	m := r.metrics[key]
	if m == nil {
		m = &pb.Metric{Name: name, Audience: a}
		if p != nil {
			m.Labels = map[string]string{
				"service": a.GetServiceName(), "component": a.GetComponentName(), "operation": a.GetOperationName(),
				"pipeline_name": p.GetName(), "pipeline_id": p.GetId(),
			}
		}
		if r.metrics == nil {
			r.metrics = make(map[series]*pb.Metric)
		}
		r.metrics[key] = m
	}
	m.Value += value
}

// schema notes an inferred schema if the server does not have it.
func (r *report) schema(a *pb.Audience, text []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := audience.KeyOf(a)
	if bytes.Equal(r.sent[key], text) {
		return
	}
	if r.inferred == nil {
		r.inferred = make(map[audience.Key]*pb.SendSchemaRequest)
	}
	r.inferred[key] = &pb.SendSchemaRequest{Audience: a, Schema: &pb.Schema{JsonSchema: text}}
}

func (r *report) notify(n *pb.NotifyRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.notifications) == maxNotifications {
		r.dropped++
		return
	}
	n.OccurredAtUnixTsUtc = time.Now().Unix()
	r.notifications = append(r.notifications, n)
}

// forget drops what is remembered of an audience.
func (r *report) forget(key audience.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.sent, key)
	delete(r.inferred, key)
}

// flush sends what has been gathered. Metrics and schemas that cannot be sent are kept for
// the next time; notifications are not, because they would come too late.
func (c *Client) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(c.outgoing(ctx), callTimeout)
	defer cancel()
	err := errors.Join(c.flushMetrics(ctx), c.flushSchemas(ctx), c.flushNotifications(ctx))
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		c.opts.Log.Debug().Err(err).Str("service", c.opts.Service).Msg("report lost")
	}
}

func (c *Client) flushMetrics(ctx context.Context) error {
	r := &c.report
	r.mu.Lock()
	gathered := r.metrics
	r.metrics = nil
	r.mu.Unlock()
	if len(gathered) == 0 {
		return nil
	}
	request := &pb.MetricsRequest{}
	for _, m := range gathered {
		request.Metrics = append(request.Metrics, m)
	}
	_, err := c.api.Metrics(ctx, request)
	if err != nil {
		r.restore(gathered)
	}
	return err
}

// restore adds up what could not be sent and what came meanwhile.
func (r *report) restore(gathered map[series]*pb.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, m := range r.metrics {
		if before := gathered[key]; before != nil {
			before.Value += m.GetValue()
		} else {
			gathered[key] = m
		}
	}
	r.metrics = gathered
}

func (c *Client) flushSchemas(ctx context.Context) error {
	r := &c.report
	r.mu.Lock()
	inferred := r.inferred
	r.inferred = nil
	r.mu.Unlock()
	var errs error
	for key, request := range inferred {
		_, err := c.api.SendSchema(ctx, request)
		r.mu.Lock()
		switch {
		case err == nil:
			if r.sent == nil {
				r.sent = make(map[audience.Key][]byte)
			}
			r.sent[key] = request.GetSchema().GetJsonSchema()
		case r.inferred[key] == nil: // nothing newer came
			if r.inferred == nil {
				r.inferred = make(map[audience.Key]*pb.SendSchemaRequest)
			}
			r.inferred[key] = request
		}
		r.mu.Unlock()
		errs = errors.Join(errs, err)
	}
	return errs
}

func (c *Client) flushNotifications(ctx context.Context) error {
	r := &c.report
	r.mu.Lock()
	notifications := r.notifications
	r.notifications = nil
	r.mu.Unlock()
	var errs error
	for _, n := range notifications {
		_, err := c.api.Notify(ctx, n)
		errs = errors.Join(errs, err)
	}
	return errs
}
