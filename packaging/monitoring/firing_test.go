package monitoring

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/promqltest"
)

// now is when alerts are looked at: minute 30 of the series below, which have a value each minute.
const now = 30

// Each alert with what makes it fire, and with what does not.
var cases = map[string]struct{ fires, quiet string }{
	"StreamdalDown":                 {`up{job="streamdal",instance="b"} 1x28 0x10`, `up{job="streamdal",instance="b"} 1x29 0x10`},
	"StreamdalGone":                 {`up{job="streamdal",instance="b"} 0x40`, `up{job="streamdal",instance="a"} 1x40` + "\n" + `up{job="streamdal",instance="b"} 0x40`},
	"StreamdalRestarts":             {`process_start_time_seconds{job="streamdal"} 1x20 2x1 3x1 4x20`, `process_start_time_seconds{job="streamdal"} 1x20 2x20`},
	"StreamdalNotReady":             {`streamdal_ready 1x20 0x20`, `streamdal_ready 0x28 1x20`},
	"StreamdalStoreAway":            {`streamdal_store_up 1x20 0x20`, `streamdal_store_up 1x40`},
	"StreamdalStoreLostData":        {`streamdal_store_revision_regressions_total 0x25 1x20`, `streamdal_store_revision_regressions_total 1x40`},
	"StreamdalRecordsDamaged":       {`streamdal_store_records_left_out 1x40`, `streamdal_store_records_left_out 0x40`},
	"StreamdalNodeBehind":           {revisions("0+12x40", "0+12x20 240x20"), revisions("0+12x40", "-12+12x40")},
	"StreamdalSessionsBehind":       {`streamdal_session_lag_seconds 0x27 12x20`, `streamdal_session_lag_seconds 0x29 20x20`},
	"StreamdalRulesUnsent":          {`streamdal_unsent_total{kind="incomplete"} 0x25 1x20`, `streamdal_unsent_total{kind="incomplete"} 1x40`},
	"StreamdalSessionsLost":         {`streamdal_streams{job="x",instance="a"} 50x20 20x20`, `streamdal_streams{job="x",instance="a"} 50x20 0x20` + "\n" + `streamdal_streams{job="x",instance="b"} 50x20 90x20`},
	"StreamdalSessionsRefused":      {`streamdal_refused_total{what="session"} 0x25 5x20`, `streamdal_refused_total{what="audience"} 0x25 5x20`},
	"StreamdalPanics":               {`streamdal_server_panics_total 0x25 1x20`, `streamdal_server_panics_total 1x40`},
	"StreamdalCertificateEnds":      {`streamdal_tls_certificate_expiry_timestamp_seconds 100000x40`, `streamdal_tls_certificate_expiry_timestamp_seconds 1000000x40`},
	"StreamdalFileDescriptors":      {files("900"), files("700")},
	"StreamdalMemory":               {`process_resident_memory_bytes{job="streamdal"} 3e9x40`, `process_resident_memory_bytes{job="other"} 3e9x40`},
	"StreamdalSlowPushes":           {pushes("0x40"), pushes("0+100x40")},
	"StreamdalStuckStreams":         {`streamdal_streams_dropped_total{kind="stuck"} 0+1x40`, `streamdal_streams_dropped_total{kind="replaced"} 0+1x40`},
	"StreamdalAuthFailures":         {`streamdal_auth_failures_total{kind="login"} 0+120x40`, `streamdal_auth_failures_total{kind="login"} 0+30x40`},
	"StreamdalNotificationsFail":    {`streamdal_notifications_total{result="failed",type="slack"} 0x20 1x20`, `streamdal_notifications_total{result="sent",type="slack"} 0+1x40`},
	"StreamdalNotificationsDropped": {`streamdal_notifications_unsent_total{reason="dropped"} 0x20 1x20`, `streamdal_notifications_unsent_total{reason="suppressed"} 0+1x40`},
	"StreamdalAudiencesRefused":     {`streamdal_refused_total{what="audience"} 0x25 5x20`, `streamdal_refused_total{what="session"} 0x25 5x20`},
	"StreamdalBuildsFail":           {`streamdal_wasm_builds_total{result="failed"} 0x20 1x20`, `streamdal_wasm_builds_total{result="ok"} 0+1x40`},
	"StreamdalTailsIncomplete":      {`streamdal_tail_left_out_total{reason="viewer"} 0+9000x40`, `streamdal_tail_left_out_total{reason="sampled"} 0+9000x40`},
	"StreamdalMetricsLost":          {`streamdal_sdk_metrics_overflowed_total 0x20 1x20` + "\n" + `streamdal_bus_dropped_total 0x40`, `streamdal_sdk_metrics_overflowed_total 1x40`},
	"StreamdalCountersUnstored":     {`streamdal_counters_unstored_seconds 0+60x40`, `streamdal_counters_unstored_seconds 5x40`},
	"StreamdalCopyFails":            {`streamdal_catalog_copy_errors_total 0x20 1x20`, `streamdal_catalog_copy_errors_total 1x40`},
	"StreamdalCertificateSoonEnds":  {`streamdal_tls_certificate_expiry_timestamp_seconds 1000000x100`, `streamdal_tls_certificate_expiry_timestamp_seconds 2000000x100`},
}

// revisions are those of two nodes of one job.
func revisions(a, b string) string {
	return `streamdal_store_revision{job="x",instance="a"} ` + a + "\n" + `streamdal_store_revision{job="x",instance="b"} ` + b
}

func files(open string) string {
	return `process_open_fds{job="streamdal"} ` + open + "x40\n" + `process_max_fds{job="streamdal"} 1000x40`
}

// pushes all take less than 5 s, and of less than 1 s those given.
func pushes(fast string) string {
	return `streamdal_push_seconds_bucket{job="x",le="1"} ` + fast + "\n" +
		`streamdal_push_seconds_bucket{job="x",le="5"} 0+100x40` + "\n" + `streamdal_push_seconds_bucket{job="x",le="+Inf"} 0+100x40`
}

func TestAlertsFire(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, a := range alerts(t) {
		known[a.Alert] = true
		c, found := cases[a.Alert]
		if !found {
			t.Errorf("%s has no case", a.Alert)
			continue
		}
		if !fires(t, a, c.fires) {
			t.Errorf("%s does not fire with\n%s", a.Alert, c.fires)
		}
		if fires(t, a, c.quiet) {
			t.Errorf("%s fires with\n%s", a.Alert, c.quiet)
		}
	}
	for name := range cases {
		if !known[name] {
			t.Errorf("no alert %s", name)
		}
	}
}

// fires evaluates the alert each minute for as long as it has to hold.
func fires(t *testing.T, a alert, series string) bool {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n\t"+strings.ReplaceAll(series, "\n", "\n\t")+"\n")
	defer storage.Close()
	engine := promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery)
	held, err := time.ParseDuration(a.For)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Unix(0, 0).Add(now * time.Minute)
	if held > now*time.Minute/2 {
		end = end.Add(held)
	}
	for at := end.Add(-held); !at.After(end); at = at.Add(time.Minute) {
		query, err := engine.NewInstantQuery(t.Context(), storage, nil, a.Expr, at)
		if err != nil {
			t.Fatalf("%s: %v", a.Alert, err)
		}
		result := query.Exec(t.Context())
		vector, err := result.Vector()
		if err != nil {
			t.Fatalf("%s: %v", a.Alert, fmt.Errorf("%s: %w", a.Expr, err))
		}
		empty := len(vector) == 0
		query.Close()
		if empty {
			return false
		}
	}
	return true
}
