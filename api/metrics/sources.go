package metrics

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/notify"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// maxServicesShown bounds streamdal_service_sessions.
const maxServicesShown = 1_000

func ofFleet(stats func() fleet.Stats, perService bool) prometheus.Collector {
	type s = fleet.Stats
	fields := []field[s]{
		gaugeBy("streamdal_sessions", "SDK sessions of this node, by the SDK's language.", []string{"language"}, func(s s, e emit) { each(s.Languages, e) }),
		gauge("streamdal_streams", "Open command streams of this node.", func(s s) float64 { return float64(s.Streams) }),
		gauge("streamdal_sessions_behind", "Sessions that have not been sent what they should have.", func(s s) float64 { return float64(s.Behind) }),
		gauge("streamdal_session_lag_seconds", "How long the session that waits longest has waited for what it should have.", func(s s) float64 { return s.Lag.Seconds() }),
		counterBy("streamdal_streams_dropped_total", "Command streams that this node ended: the session registered again (replaced), or did not read (stuck).", []string{"kind"}, func(s s, e emit) {
			e(float64(s.ReplacedStreams), "replaced")
			e(float64(s.CutStreams), "stuck")
		}),
		counterBy("streamdal_refused_total", "Sessions beyond what this node takes, and announced audiences that are invalid or too many.", []string{"what"}, func(s s, e emit) {
			e(float64(s.RefusedSessions), "session")
			e(float64(s.RefusedAudiences), "audience")
		}),
		counterBy("streamdal_unsent_total", "What sessions did not get: pipelines that lack a module (incomplete), schema inference that cannot be built (inference), pipelines beyond what an SDK can receive (oversized), commands that cannot be encoded (unencodable).", []string{"kind"}, func(s s, e emit) {
			e(float64(s.IncompletePipelines), "incomplete")
			e(float64(s.HiddenFailures), "inference")
			e(float64(s.Oversized), "oversized")
			e(float64(s.Unencodable), "unencodable")
		}),
	}
	if perService {
		fields = append(fields, gaugeBy("streamdal_service_sessions", "SDK sessions of this node, by service.", []string{"service"}, func(s s, e emit) {
			shown, rest := make(map[string]int), 0
			for i, name := range slices.Sorted(maps.Keys(s.Services)) {
				if i < maxServicesShown {
					shown[name] = s.Services[name]
				} else {
					rest += s.Services[name]
				}
			}
			if rest > 0 {
				shown[other] += rest
			}
			each(shown, e)
		}))
	}
	return newSource(stats, fields...)
}

func each(values map[string]int, e emit) {
	for label, n := range values {
		e(float64(n), label)
	}
}

func ofTails(stats func() tail.Stats) prometheus.Collector {
	type s = tail.Stats
	return newSource(stats,
		gauge("streamdal_tail_viewers", "Tails that are viewed through this node.", func(s s) float64 { return float64(s.Viewers) }),
		gauge("streamdal_tails", "Tails that this node knows, viewed through any node.", func(s s) float64 { return float64(s.Tails) }),
		counter("streamdal_tail_received_total", "Payloads of tails that SDKs sent to this node.", func(s s) float64 { return float64(s.Received) }),
		counter("streamdal_tail_shown_total", "Payloads that viewers of this node were sent.", func(s s) float64 { return float64(s.Shown) }),
		counter("streamdal_tail_relayed_total", "Payloads that this node sent to other nodes.", func(s s) float64 { return float64(s.Relayed) }),
		counterBy("streamdal_tail_left_out_total", "Payloads that a viewer was not sent, once per viewer: by sampling (sampled), during a pause (paused), because the viewer was slow (viewer), or because the way to its node was slow or broken (relay).", []string{"reason"}, func(s s, e emit) {
			e(float64(s.Sampled), "sampled")
			e(float64(s.Paused), "paused")
			e(float64(s.Dropped), "viewer")
			e(float64(s.RelayDropped), "relay")
		}),
		counterBy("streamdal_tail_ignored_total", "Messages that lead to no viewer: of SDKs, without what they must have (invalid) or of a tail that nobody views (unwanted); of other nodes, unreadable (garbled).", []string{"reason"}, func(s s, e emit) {
			e(float64(s.Invalid), "invalid")
			e(float64(s.Unwanted), "unwanted")
			e(float64(s.Garbled), "garbled")
		}),
		counter("streamdal_tail_cut_total", "Data that was too long and was shown in part.", func(s s) float64 { return float64(s.Cut) }),
		counterBy("streamdal_tail_viewers_ended_total", "Viewers beyond what this node takes (refused), and those that did not read (stuck).", []string{"kind"}, func(s s, e emit) {
			e(float64(s.RefusedViewers), "refused")
			e(float64(s.CutViewers), "stuck")
		}),
	)
}

// catalogStats is what the catalog says and which revision it shows.
type catalogStats struct {
	catalog.Stats
	revision store.Revision
}

func ofCatalog(c *catalog.Catalog) prometheus.Collector {
	type s = catalogStats
	return newSource(func() s { return s{c.Stats(), c.Snapshot().Revision} },
		gauge("streamdal_store_revision", "The revision of the store that this node has read last.", func(s s) float64 { return float64(s.revision) }),
		gauge("streamdal_store_up", "1 while the store can be read, 0 while this node works from what it read last.", func(s s) float64 {
			if s.Err != nil {
				return 0
			}
			return 1
		}),
		gauge("streamdal_store_records_left_out", "Stored records that are damaged or cannot be decoded; the log names them.", func(s s) float64 { return float64(s.LeftOut) }),
		counter("streamdal_store_revision_regressions_total", "How often the store had lost data: it was at an older revision than this node had seen.", func(s s) float64 { return float64(s.Regressions) }),
		counter("streamdal_store_reseeds_total", "How often this node gave a store that had lost data its records back.", func(s s) float64 { return float64(s.Reseeds) }),
		counter("streamdal_catalog_copy_errors_total", "Copies of the rules that could not be written to disk.", func(s s) float64 { return float64(s.Copy.Errors) }),
		counter("streamdal_bus_gaps_total", "How often hints of changes may have been lost, so that this node read everything again.", func(s s) float64 { return float64(s.Gaps) }),
	)
}

func ofAuth(stats func() auth.Stats) prometheus.Collector {
	return newSource(stats, counterBy("streamdal_auth_failures_total",
		"Calls and requests that were refused: no or wrong credentials (unauthenticated), a token that was revoked or has expired (ended), a role or service that does not fit (denied), log-ins that failed (login) or were not looked at because too many had failed (throttled).",
		[]string{"kind"}, func(s auth.Stats, e emit) {
			e(float64(s.Unauthenticated), "unauthenticated")
			e(float64(s.Ended), "ended")
			e(float64(s.Denied), "denied")
			e(float64(s.LogIns), "login")
			e(float64(s.Throttled), "throttled")
		}))
}

func ofBuilder(stats func() wasmbuild.Stats) prometheus.Collector {
	type s = wasmbuild.Stats
	return newSource(stats,
		counterBy("streamdal_wasm_builds_total", "Modules built for pipeline steps, and steps that cannot be built.", []string{"result"}, func(s s, e emit) {
			e(float64(s.Built), "ok")
			e(float64(s.Failed), "failed")
		}),
		counter("streamdal_wasm_build_seconds_total", "Time spent building modules, verifying included.", func(s s) float64 { return s.Took.Seconds() }),
		counter("streamdal_wasm_verifications_total", "Modules that an engine was asked about.", func(s s) float64 { return float64(s.Verified) }),
		counter("streamdal_wasm_verify_seconds_total", "Time spent having modules verified by an engine.", func(s s) float64 { return s.VerifyTook.Seconds() }),
	)
}

func ofNotify(stats func() notify.Stats) prometheus.Collector {
	type s = notify.Stats
	return newSource(stats,
		counterBy("streamdal_notifications_total", "Deliveries that arrived, and those that were given up, by receiver.", []string{"type", "result"}, func(s s, e emit) {
			for kind, n := range s.Sent {
				e(float64(n), kind, "sent")
			}
			for kind, n := range s.Failed {
				e(float64(n), kind, "failed")
			}
		}),
		counterBy("streamdal_notifications_unsent_total", "Deliveries that were not tried: over the rate limit (suppressed), no room in the queue or a shutdown (dropped), nothing stored to go by (unnamed).", []string{"reason"}, func(s s, e emit) {
			e(float64(s.Suppressed), "suppressed")
			e(float64(s.Dropped), "dropped")
			e(float64(s.Unnamed), "unnamed")
		}),
		counter("streamdal_notification_retries_total", "Attempts that failed and were followed by another.", func(s s) float64 { return float64(s.Retried) }),
		gauge("streamdal_notifications_waiting", "Deliveries that are queued, under way or to be tried again.", func(s s) float64 { return float64(s.Waiting) }),
	)
}
