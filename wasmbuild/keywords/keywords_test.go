package keywords

import (
	"slices"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/link/data"
)

// TestList pins how much is known, as the original counts it without the two
// names that no name in lower case can equal.
func TestList(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	entities := map[string]bool{}
	paths := 0
	for _, k := range List() {
		if seen[k.Text] || k.Text != strings.ToLower(k.Text) || k.Entity == "" {
			t.Errorf("%+v is there twice, in upper case, or without an entity", k)
		}
		if len(k.Entity) > 32 {
			t.Errorf("%s is longer than the kernel expects", k.Entity)
		}
		seen[k.Text], entities[k.Entity] = true, true
		if k.IsPath() {
			paths++
		}
	}
	if len(seen) != 394 || paths != 154 || len(entities) != 49 {
		t.Errorf("got %d keywords, %d of them paths, of %d entities; want 394, 154, 49", len(seen), paths, len(entities))
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path           string // parts joined by /
		quick, careful string
	}{
		{"email", "Person", "Person"},
		{"2E_mail_1", "Person", "Person"},
		{"e\u0661mail", "Person", "Person"},
		{"to\u212aen", "Credentials", "Credentials"},
		{"ipv4_addr", "IP_Information", "IP_Information"},
		{"ipv4addr", "IP_Information", "IP_Information"},
		{"ipv4__addr", "", ""},
		{"cvv2", "Billing", "Billing"},
		{"first-name", "", "Person"},
		{"github/token", "Github", "Github"},
		{"GitHub/Token2", "Github", "Github"},
		{"prod/github/token", "Credentials", "Github"},
		{"aws.region", "AWS", "AWS"},
		{"..aws/region", "AWS", "AWS"},
		{"aws/#/region", "", ""},
		{"prod/myaws/region", "", "AWS"},
		{"index/user", "Credentials", "Credentials"},
		{"address/line", "", "Address"},
		{"aws.region1", "", ""},
		{"aws/region1", "AWS", "AWS"},
		{"cust_phone_number_raw", "", "Telecommunications"},
		{"email_address_hash", "", "Person"},
		{"cc", "Billing", "Billing"},
		{"soccer", "", ""},
		{"", "", ""},
	} {
		parts := strings.Split(test.path, "/")
		parents, name := parts[:len(parts)-1], parts[len(parts)-1]
		if got := Find(parents, name, false); got != test.quick {
			t.Errorf("%s: got %q, want %q", test.path, got, test.quick)
		}
		if got := Find(parents, name, true); got != test.careful {
			t.Errorf("%s, thorough: got %q, want %q", test.path, got, test.careful)
		}
	}
}

// TestLay makes sure that the tables are the same each time, and find every entry.
func TestLay(t *testing.T) {
	t.Parallel()
	for _, thorough := range []bool{false, true} {
		a, b := data.New(4096), data.New(4096)
		x, y := Lay(a, thorough), Lay(b, thorough)
		if x != y || !slices.Equal(a.Image(), b.Image()) {
			t.Errorf("thorough %v: two layouts differ", thorough)
		}
		if max := 26 << 10; len(a.Image()) > max {
			t.Errorf("thorough %v: tables have %d bytes, more than %d", thorough, len(a.Image()), max)
		}
		t.Logf("thorough %v: %d bytes", thorough, len(a.Image()))
	}
	l := layout{data.New(4096), entities()}
	for _, e := range l.entries() {
		for _, k := range slices.Concat(e.paths, e.exact) { // names of the same letters must not need telling apart
			if name := stripped(k.Text[strings.LastIndex(k.Text, ".")+1:]); name != e.name && e.entity != noEntity {
				t.Errorf("%q has the letters of %q", name, e.name)
			}
		}
		if e.entity == noEntity && len(e.paths)+len(e.exact) == 0 || len(e.paths) > 255 {
			t.Errorf("entry %+v", e)
		}
	}
}
