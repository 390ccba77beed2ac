package redis

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// rights is what docs/operations.md tells operators to grant.
const rights = "resetkeys resetchannels ~streamdal_* &streamdal_* -@all +@connection +select " +
	"+eval +evalsha +type +exists +hget +hmget +hset +hdel +hlen +hscan +hgetall +set +rename +persist +pexpire +pttl +unlink " +
	"+sadd +srem +smembers +publish +subscribe +unsubscribe +wait +time"

// clusterRights come on top in a Cluster.
const clusterRights = " +cluster|slots +cluster|shards +command"

func TestUserWithTheDocumentedRights_9_6_1(t *testing.T) {
	t.Parallel()
	opts := redistest.Options{Users: []string{"streamdal on >s3cret " + rights}}
	t.Run("standalone", func(t *testing.T) {
		t.Parallel()
		testRights(t, redistest.Start(t, opts).URL())
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		testRights(t, redistest.StartSentinel(t, opts).URL())
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		opts := redistest.Options{Users: []string{"streamdal on >s3cret " + rights + clusterRights}}
		testRights(t, redistest.StartCluster(t, opts).URL())
	})
}

func testRights(t *testing.T, url string) {
	opts := Options{URL: url, Username: "streamdal", Password: "s3cret"}
	db, other := open(t, opts), open(t, opts)
	waitListening(t, db)
	waitListening(t, other)
	hints, messages := other.Watch(t.Context()), other.Subscribe(t.Context(), "x")
	mustPut(t, db, "a", "1")
	waitHint(t, hints, 1)
	state := mustLoad(t, other)
	if _, err := db.Restore(t.Context(), state, 1); err != nil {
		t.Errorf("Restore: %v", err)
	}
	if _, err := db.Apply(t.Context(), store.Change{Ops: []store.Op{{Key: pipeline("a"), Delete: true}}}); err != nil {
		t.Errorf("Apply: %v", err)
	}
	if _, err := db.Since(t.Context(), 2); err != nil {
		t.Errorf("Since: %v", err)
	}
	putLive(t, db, "n", sessions{"1": []byte("x")})
	putLive(t, db, "n", sessions{"2": []byte("x")})
	putLive(t, db, "n", sessions{"2": []byte("x")})
	wantLive(t, other, map[string]sessions{"n": {"2": []byte("x")}})
	if err := db.PutLive(t.Context(), "n", nil, 0); err != nil {
		t.Errorf("PutLive: %v", err)
	}
	if _, err := db.Skew(t.Context()); err != nil {
		t.Errorf("Skew: %v", err)
	}
	if err := db.Publish(t.Context(), "x", []byte("hello")); err != nil || receive(t, messages) != "hello" {
		t.Errorf("Publish: %v", err)
	}
}

// Each right that is missing gives a clear error, and never half a change.
func TestUserWithoutARight_9_3_6(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Password: "admin", Users: []string{"streamdal on >s3cret " + rights}})
	admin := open(t, Options{URL: s.URL()})
	mustPut(t, admin, "a", "1")
	mustPut(t, admin, "b", "1")
	db := open(t, Options{URL: s.Addr(), Username: "streamdal", Password: "s3cret"})
	state := mustLoad(t, db)
	for _, right := range []string{"hset", "hdel", "hget", "hmget", "type", "rename", "persist", "unlink", "exists", "hlen", "set", "pexpire", "evalsha"} {
		s.Do(t, "acl", "setuser", "streamdal", "-"+right)
		failures := 0
		for name, fn := range map[string]func(context.Context) error{
			"Apply": func(ctx context.Context) error {
				_, err := db.Apply(ctx, store.Change{Ops: []store.Op{{Key: pipeline("a"), Delete: true}, {Key: pipeline("c"), Value: []byte("x")}}})
				return err
			},
			"Restore": func(ctx context.Context) error { _, err := db.Restore(ctx, store.State{}, 2); return err },
			"PutLive": func(ctx context.Context) error { return db.PutLive(ctx, "n", sessions{right: nil}, time.Minute) },
		} {
			err := fn(t.Context())
			switch {
			case err != nil && !strings.Contains(err.Error(), "lacks a right"):
				t.Errorf("without %s, %s: got error %v, want one that names the cause", right, name, err)
			case err != nil:
				failures++
				continue
			}
			// It did not need the right; undo what it did.
			s.Do(t, "flushall")
			if _, err := admin.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := admin.Restore(t.Context(), store.State{Revision: 1, Records: state.Records}, 0); err != nil {
				t.Fatal(err)
			}
			s.Do(t, "acl", "setuser", "streamdal", "+"+right)
			mustLoad(t, db)
			s.Do(t, "acl", "setuser", "streamdal", "-"+right)
		}
		s.Do(t, "acl", "setuser", "streamdal", "+"+right)
		if failures == 0 {
			t.Errorf("nothing needs the right %s", right)
		}
		wantContent(t, admin, 2, map[string]string{"a": "1", "b": "1"})
		wantContent(t, db, 2, map[string]string{"a": "1", "b": "1"})
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Password: "right"})
	wantUnavailable(t, allCalls(open(t, Options{URL: s.Addr(), Password: "s3cret"})), "does not accept")
	wantUnavailable(t, allCalls(open(t, Options{URL: s.Addr()})), "wants a password")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certs := redistest.NewCertificates(t)
	s := redistest.Start(t, redistest.Options{TLS: certs, ClientCerts: true, Password: "s3cret"})
	files := TLSFiles{CA: certs.CA, Cert: certs.ClientCert, Key: certs.ClientKey}
	db := open(t, Options{URL: s.URL(), TLS: files})
	mustPut(t, db, "a", "1")
	waitListening(t, db)
	// Naming files is enough to turn TLS on.
	wantContent(t, open(t, Options{URL: s.Addr(), Password: "s3cret", TLS: files}), 1, map[string]string{"a": "1"})

	wantUnavailable(t, allCalls(open(t, Options{URL: s.URL()})), "certificate")
	// Without a client certificate, or without TLS, Redis just hangs up.
	wantUnavailable(t, allCalls(open(t, Options{URL: s.URL(), TLS: TLSFiles{CA: certs.CA}})), "")
	wantUnavailable(t, allCalls(open(t, Options{URL: s.Addr(), Password: "s3cret"})), "")
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/s"
	redistest.Start(t, redistest.Options{Args: []string{"--unixsocket", path}})
	db := open(t, Options{URL: "unix://" + path + "?db=3"})
	mustPut(t, db, "a", "1")
	wantContent(t, open(t, Options{URL: "unix://" + path, Database: 3}), 1, map[string]string{"a": "1"})
}
