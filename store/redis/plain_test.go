package redis

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func TestPlainKeys(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, redistest.Options{})
	db := open(t, Options{URL: cluster.URL()})
	client := cluster.Client(t)
	var want []string
	for i := range 2500 { // more than one page on each master
		key := fmt.Sprintf("plain:%04d", i)
		want = append(want, key)
		if err := client.Set(t.Context(), key, key+"'s", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.RPush(t.Context(), "other", "x").Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(t.Context(), "empty", "", 0).Err(); err != nil {
		t.Fatal(err)
	}
	got, err := db.Keys(t.Context(), "plain:*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Keys (-want +got):\n%s", diff)
	}
	values, err := db.Strings(t.Context(), []string{"plain:0001", "other", "gone", "empty", "plain:2000"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]byte{[]byte("plain:0001's"), nil, nil, {}, []byte("plain:2000's")}, values); diff != "" {
		t.Errorf("Strings (-want +got):\n%s", diff)
	}
}
