package wasmbuild

import (
	"errors"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// TestTransformWildcards: a component with wildcards stands for every key that it
// matches, where a detective's stands for the first.
func TestTransformWildcards(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, tt := range []struct{ path, payload, want string }{
		{"*", `{"a":1,"b":[2],"":{"c":3}}`, `{"a":42,"b":42,"":42}`},
		{"token_?", `{"token_a":1,"token_":2,"token_bc":3,"token_d":{}}`, `{"token_a":42,"token_":2,"token_bc":3,"token_d":42}`},
		{"*.mail", `{"a":{"mail":1},"b":{"x":2},"c":[{"mail":3}],"d":{"mail":4}}`, `{"a":{"mail":42},"b":{"x":2},"c":[{"mail":3}],"d":{"mail":42}}`},
		{"u.#.m*", `{"u":[{"m1":1,"n":0,"m2":2},{},7,{"m":3}]}`, `{"u":[{"m1":42,"n":0,"m2":42},{},7,{"m":42}]}`},
		{"*.#.*", `{"a":[{"b":1}],"c":[[2],{"d":3,"e":4}],"f":5}`, `{"a":[{"b":42}],"c":[[2],{"d":42,"e":42}],"f":5}`},
		{"*.1", `{"a":[1,2],"b":{"1":3},"c":[4]}`, `{"a":[1,42],"b":{"1":42},"c":[4]}`},
		{"a*|b", `{"a":{"b":1},"ab":{"b":2}}`, `{"a":{"b":42},"ab":{"b":42}}`},
		{"k*", `{"k":1,"x":0,"k":2}`, `{"k":42,"x":0,"k":42}`},
		{`a\*`, `{"ab":1,"a*":2}`, `{"ab":1,"a*":42}`},
		{`a\**`, `{"ab":1,"a*":2,"a*c":3}`, `{"ab":1,"a*":42,"a*c":42}`},
		{"*", `[1,2]`, ""},
		{"z*", `{"a":1}`, ""},
		{"*.b", `{"a":1}`, ""},
	} {
		t.Run(tt.path+tt.payload, func(t *testing.T) {
			t.Parallel()
			w := newTransformTwin(t, b, engine, transform(transforms(tt.path)[2]), jsonFormat)
			r := w.run(t, tt.payload, nil)
			if tt.want == "" {
				w.wantFalse(t, r, tt.payload, "path '"+tt.path+"' not found in data")
				return
			}
			w.wantTrue(t, r, tt.payload, string(r.GetOutputPayload()), tt.want)
		})
	}
}

// TestDeleteWildcards: members go with exactly one comma each.
func TestDeleteWildcards(t *testing.T) {
	t.Parallel()
	b, engine := newBuilder(t), newRunner(t, runner.Options{Interpreter: true})
	for _, tt := range [][3]string{
		{"_*", `{"_a":1,"b":2,"_c":3}`, `{"b":2}`},
		{"_*", `{"_a":1,"_b":2}`, `{}`},
		{"l.#._*", `{"l":[{"_a":1,"b":2},{"b":3,"_c":4,"_d":5}]}`, `{"l":[{"b":2},{"b":3}]}`},
	} {
		w := newTransformTwin(t, b, engine, transform(transforms(tt[0])[0]), jsonFormat)
		r := w.run(t, tt[1], nil)
		w.wantTrue(t, r, tt[1], string(r.GetOutputPayload()), tt[2])
	}
}

// TestTooManyWildcards: what a path costs is bounded.
func TestTooManyWildcards(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, path := range []string{strings.Repeat("*.", 40) + "a", "a.#." + strings.Repeat("?.", 40) + "a"} {
		_, err := b.Step(t.Context(), transform(transforms(path)[1]), jsonFormat)
		var refused *StepError
		if !errors.As(err, &refused) || !strings.Contains(refused.Reason, "components with wildcards") {
			t.Errorf("%.20s: %v", path, err)
		}
	}
	if _, err := b.Step(t.Context(), transform(&steps.TransformStep{Type: 99}), jsonFormat); err == nil {
		t.Error("an unknown type is built")
	}
}
