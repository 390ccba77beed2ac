package wasmbuild

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// TestHTTPRequests: what is sent is the rule's, who asks is the request's.
func TestHTTPRequests(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	payload := bytes.Repeat([]byte(`{"k":"v"} `), 30)
	for name, c := range map[string]struct {
		step *pb.PipelineStep
		want func(*pb.WASMRequest) // what it changes of the request
	}{
		"static": {httpRequest("http://h.example/x"), func(r *pb.WASMRequest) {}},
		"dynamic": {dynamic(httpRequest("https://h.example:444/x?q=é")), func(r *pb.WASMRequest) {
			r.Step.GetHttpRequest().GetRequest().Body = payload
			r.Step.XWasmId, r.Step.XWasmFunction, r.DataFormat = nil, nil, 0
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newHostTwin(t, b, c.step)
			w.host.answer = marshal(t, &steps.HttpResponse{Code: 200})
			request := requestFor(proto.CloneOf(c.step), payload)
			request.InterStepResult = findings()
			request.Step.Name, request.Step.XWasmId, request.Step.XWasmFunction = "who", proto.String("id"), proto.String("f")
			request.Step.OnError = &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_ALL, Metadata: map[string]string{"m": "1"}}
			other := proto.CloneOf(request) // asks for something else
			other.Step.GetHttpRequest().Request = &steps.HttpRequest{Url: "http://else.example", Method: 4, Headers: map[string]string{"A": "b"}}
			w.both(t, marshal(t, other))
			got := &pb.WASMRequest{}
			if err := proto.Unmarshal(w.host.asked, got); err != nil {
				t.Fatal(err)
			}
			want := proto.CloneOf(request)
			want.Step.GetHttpRequest().GetRequest().BodyMode = steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_STATIC
			c.want(want)
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("the host gets (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHTTPAnswers: whatever the host says, the module answers, and never with ERROR.
func TestHTTPAnswers(t *testing.T) {
	t.Parallel()
	const done, other, bad = "completed http request", "Request returned non-200 response code: ", "unable to parse response: "
	step := httpRequest("http://h.example/x")
	w := newHostTwin(t, newBuilder(t), step)
	request := marshal(t, requestFor(step, []byte(`{"a":1}`)))
	answered := func(code int32, body string) string {
		return string(marshal(t, &steps.HttpResponse{Code: code, Body: []byte(body), Headers: map[string]string{"K": "v"}}))
	}
	for answer, want := range map[string]struct{ msg, body string }{
		"": {other + "0", ""}, answered(0, "x"): {other + "0", "x"}, answered(199, ""): {other + "199", ""}, answered(200, ""): {done, ""},
		answered(299, "\x00\xff"): {done, "\x00\xff"}, answered(300, "x"): {other + "300", "x"}, answered(-1, ""): {other + "-1", ""},
		answered(-2147483648, ""): {other + "-2147483648", ""}, answered(2147483647, ""): {other + "2147483647", ""},
		answered(200, strings.Repeat("x", 1<<20)): {done, strings.Repeat("x", 1<<20)},
		"\x08\xc8":                         {bad + "Unexpected EOF", ""},
		"\x12\x05x":                        {bad + "Unexpected EOF", ""},
		"\x0a\x00":                         {bad + "Unexpected wire type", ""},
		"\x07":                             {bad + "Incorrect tag", ""},
		"\x1a\x03\x0a\x09\xff\x08\xc8\x01": {done, ""}, // headers are not looked at
	} {
		w.host.answer = []byte(answer)
		r := w.both(t, request)
		code := pb.WASMExitCode_WASM_EXIT_CODE_FALSE
		if want.msg == done {
			code = pb.WASMExitCode_WASM_EXIT_CODE_TRUE
		}
		if r.GetExitCode() != code || r.GetExitMsg() != want.msg || string(r.GetOutputStep()) != want.body {
			t.Errorf("%.100q: got %s %q %.100q, want %q", answer, r.GetExitCode(), r.GetExitMsg(), r.GetOutputStep(), want.msg)
		}
		if hasBody := !strings.HasPrefix(want.msg, bad); (r.OutputStep != nil) != hasBody {
			t.Errorf("%.100q: output step %v", answer, r.OutputStep)
		}
	}
}

// TestForeignSteps: a module that acts outside leaves alone what is not for it.
func TestForeignSteps(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	cut := protowire.AppendBytes([]byte{0x0a}, append(marshal(t, httpRequest("http://h.example/x")), 0x0a, 9))
	for _, c := range []struct {
		step    *pb.PipelineStep
		request []byte
		want    string
	}{
		{httpRequest("http://h.example/x"), nil, "invalid wasm request: httprequest is required"},
		{httpRequest("http://h.example/x"), marshal(t, requestFor(kv(1, "k"), []byte("{}"))), "invalid wasm request: httprequest is required"},
		{httpRequest("http://h.example/x"), cut, "Unexpected EOF"},
		{httpRequest("http://h.example/x"), []byte("\x0a\x05"), "Unexpected EOF"},
		{kv(1, "k"), nil, "invalid wasm request: kv step must be set"},
		{kv(1, "k"), marshal(t, requestFor(httpRequest("http://h.example/x"), []byte("{}"))), "invalid wasm request: kv step must be set"},
		{kv(2, "k"), []byte("\x0a\x05"), "unable to parse request: Unexpected EOF"},
	} {
		w := newHostTwin(t, b, c.step)
		r := w.both(t, c.request)
		if r.GetExitCode() != pb.WASMExitCode_WASM_EXIT_CODE_ERROR || r.GetExitMsg() != c.want || w.host.asked != nil {
			t.Errorf("%q: got %s %q, the host is asked %q; want %q", c.request, r.GetExitCode(), r.GetExitMsg(), w.host.asked, c.want)
		}
	}
}

// hostSteps are steps that ask their host.
func hostSteps() []sampleStep {
	return []sampleStep{
		{"kv", kv(steps.KVMode_KV_MODE_STATIC, "k")},
		{"kv-dynamic", kv(steps.KVMode_KV_MODE_DYNAMIC, "customer.contact.email")},
		{"http", httpRequest("http://h.example/x")},
		{"http-dynamic", dynamic(httpRequest("http://h.example/x"))},
	}
}

// TestAnswersFromNowhere: an answer counts only where alloc gave room for it.
func TestAnswersFromNowhere(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, s := range hostSteps() {
		name, step := s.name, s.step
		w := newHostTwin(t, b, step)
		for _, raw := range []uint64{1, 0xffffffff, 1<<32 | 1, 5<<32 | 0xffffffff, 1024<<32 | 8, 0x20000<<32 | 16, 0x7fffffff<<32 | 1, 0xffffffff<<32 | 0xffffffff, 0x80000000 << 32, 1 << 63} {
			w.host.raw = raw
			r := w.both(t, marshal(t, requestFor(step, order(300))))
			if uint32(raw) == 0 {
				continue // no answer: tested elsewhere
			}
			if want := "Unexpected EOF"; !strings.HasSuffix(r.GetExitMsg(), want) || r.OutputStep != nil {
				t.Errorf("%s: answer %x: got %q %q, want %q", name, raw, r.GetExitMsg(), r.GetOutputStep(), want)
			}
		}
	}
}

// TestBrokenOff: a host that raises an error within a call, as the Python SDK's
// does when it cannot connect, costs that call and nothing else.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	for _, s := range hostSteps() {
		name, step := s.name, s.step
		w := newHostTwin(t, b, step)
		request := marshal(t, requestFor(step, order(20_000)))
		answer := []byte("\x08\x01\x12\x01m")
		w.host.answer = answer
		want := w.both(t, request)
		size := w.compiled.Memory().Size()
		w.host.answer, w.host.breaks = make([]byte, 5000), true
		for range 300 {
			if _, err := w.call(t, request); err == nil {
				t.Fatalf("%s: the call survives", name)
			}
		}
		if got := w.compiled.Memory().Size(); got > size+1<<17 {
			t.Errorf("%s: memory grew from %d to %d bytes", name, size, got)
		}
		w.host.answer, w.host.breaks = answer, false
		for range 2 {
			if diff := cmp.Diff(want, w.both(t, request), protocmp.Transform()); diff != "" {
				t.Errorf("%s: afterwards (-want +got):\n%s", name, diff)
			}
		}
	}
}

// TestFlatMemoryWithHost calls as each SDK does, 100,000 times, with answers of all sizes.
func TestFlatMemoryWithHost(t *testing.T) {
	t.Parallel()
	const calls = 100_000
	b := newBuilder(t)
	answers := [][]byte{nil, []byte("\x08\x01\x12\x01m"), []byte("\x08\xc8"), append([]byte("\x08\x01\x1a\xa0\x1f"), make([]byte, 4000)...)}
	for name, sequence := range map[string]runner.Sequence{"go": runner.Go, "node": runner.Node, "python": runner.Python, "ruby": runner.Ruby} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			answer := func(context.Context, []byte) []byte { n++; return answers[n%len(answers)] }
			engine := newRunner(t, runner.Options{Sequence: sequence, KVExists: answer, HTTPRequest: answer})
			for _, s := range hostSteps() {
				kind, step := s.name, s.step
				requests := [][]byte{marshal(t, requestFor(step, order(300))), marshal(t, requestFor(step, order(3000)))}
				i, err := engine.Load(t.Context(), build(t, b, step).Bytes, entryName)
				if err != nil {
					t.Fatal(err)
				}
				var settled uint32
				for k := range calls / 16 {
					if _, err := i.CallRaw(t.Context(), requests[k%2]); err != nil {
						t.Fatal(err)
					}
					if k == 20 {
						settled = i.MemorySize()
					}
				}
				if got := i.MemorySize(); got != settled {
					t.Errorf("%s: memory grew from %d to %d bytes", kind, settled, got)
				}
			}
		})
	}
}

// TestUnbuildable: what no SDK can do is refused when the step is made.
func TestUnbuildable(t *testing.T) {
	t.Parallel()
	b := newBuilder(t)
	changed := func(change func(*steps.HttpRequest)) *pb.PipelineStep {
		s := httpRequest("http://h.example/x")
		change(s.GetHttpRequest().GetRequest())
		return s
	}
	refused := map[string]*pb.PipelineStep{
		"has no URL": httpRequest(""),
		"method HTTP_REQUEST_METHOD_UNSET is not known": changed(func(r *steps.HttpRequest) { r.Method = 0 }),
		"method 99 is not known":                        changed(func(r *steps.HttpRequest) { r.Method = 99 }),
		"body mode 7 is not known":                      changed(func(r *steps.HttpRequest) { r.BodyMode = 7 }),
		"KV_ACTION_GET":                                 {Step: &pb.PipelineStep_Kv{Kv: &steps.KVStep{Action: 1, Mode: 1, Key: "k"}}},
		"KV_ACTION_DELETE_ALL":                          {Step: &pb.PipelineStep_Kv{Kv: &steps.KVStep{Action: 6, Mode: 1, Key: "k"}}},
		"has no key":                                    kv(1, ""),
		"has no mode":                                   kv(0, "k"),
		"mode 3 is not known":                           kv(3, "k"),
		"nothing to build for them":                     {XWasmId: proto.String("x"), Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}},
	}
	for _, url := range []string{"example.com/x", "/x", "ftp://h/x", "http:///x", "http://:80/x", "mailto:a@b.example", "http://a b/", "http://h/%zz", "http://h/\n", "http://[::1/"} {
		refused["URL "+url] = httpRequest(url)
	}
	for want, step := range refused {
		_, err := b.Step(t.Context(), step, 1)
		var r *StepError
		if !errors.As(err, &r) || !strings.HasPrefix(want, "URL") && !strings.Contains(r.Reason, want) || !strings.HasSuffix(r.Reason, ".") {
			t.Errorf("got %v, want a sentence with %s", err, want)
		}
	}
	for _, url := range []string{"http://h", "HTTPS://user:pw@h.example:8443/a%20b?c=d#e", "http://[::1]:80/", "http://10.0.0.1/ü"} {
		if _, err := b.Step(t.Context(), httpRequest(url), 1); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// FuzzHostAnswers compares both forms of each step on any payload and answer.
func FuzzHostAnswers(f *testing.F) {
	b := newBuilder(f)
	var twins []*hostTwin
	for _, s := range hostSteps() {
		twins = append(twins, newHostTwin(f, b, s.step))
	}
	f.Add(byte(0), []byte(`{"a":"b"}`), []byte("\x08\x01\x12\x01m"), uint64(0))
	f.Add(byte(1), []byte(`{"customer":{"contact":{"email":"é\n"}}}`), []byte("\x08\x02\x12\x03\xe2\x82\xac\x1a\x01v"), uint64(0))
	f.Add(byte(2), []byte(""), []byte("\xff\xff\x01"), uint64(0x20000<<32|5))
	f.Add(byte(3), []byte("{"), []byte("\x08\xc8\x01\x12\x04body"), uint64(1))
	f.Add(byte(0), []byte(" 0\x12!000000000000000000000000000000000"), []byte("0"), uint64(64))
	f.Fuzz(func(t *testing.T, which byte, payload, answer []byte, raw uint64) {
		which %= byte(len(twins))
		w := twins[which]
		w.host.answer, w.host.raw = answer, raw
		w.both(t, marshal(t, requestFor(hostSteps()[which].step, payload)))
		w.both(t, payload) // as a request of its own
	})
}
