package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// startDemo runs serve --demo and returns when every sample rule has changed a message.
func startDemo(t *testing.T, args ...string) (p *process, token string) {
	t.Helper()
	p = serve(t, freeport.Addr(t), t.TempDir(), append([]string{"--demo"}, args...)...)
	token = p.waitFor(`Token +(\S+)`)[1]
	for _, o := range []string{"signup / user-signed-up", "billing / charge-card", "support / inbound-mail"} {
		p.waitFor(o)
	}
	return p, token
}

func TestDemoShowsRulesAtWork(t *testing.T) {
	t.Parallel()
	p, token := startDemo(t)

	out := p.output()
	after := func(operation string) string {
		_, rest, _ := strings.Cut(out, operation)
		_, rest, _ = strings.Cut(rest, "after")
		line, _, _ := strings.Cut(rest, "\n")
		return line
	}
	if got := after("signup / user-signed-up"); !strings.Contains(got, "***") || strings.Contains(got, "@") {
		t.Errorf("sign-up after its rule: %s; want no e-mail address", got)
	}
	if got := after("billing / charge-card"); strings.Contains(got, "card_number") || !strings.Contains(got, "invoice") {
		t.Errorf("charge after its rule: %s; want no card number and the rest intact", got)
	}

	api, ctx := external(t, p.addr, token)
	eventually(t, 30*time.Second, "four services live, in three languages", func() error {
		all, err := api.GetAll(ctx, &pb.GetAllRequest{})
		if err != nil {
			return err
		}
		services, languages := map[string]bool{}, map[string]bool{}
		for _, l := range all.GetLive() {
			services[l.GetClient().GetXServiceName()] = true
			languages[l.GetClient().GetLanguage()] = true
		}
		if len(services) < 4 || len(languages) < 3 || len(all.GetPipelines()) != 3 {
			return fmt.Errorf("services %v, languages %v, %d pipelines", services, languages, len(all.GetPipelines()))
		}
		return nil
	})
	eventually(t, 30*time.Second, "an inferred schema", func() error {
		r, err := api.GetSchema(ctx, &pb.GetSchemaRequest{Audience: &pb.Audience{
			ServiceName: "orders", OperationType: pb.OperationType_OPERATION_TYPE_PRODUCER, OperationName: "order-placed", ComponentName: "kafka",
		}})
		if err != nil {
			return err
		}
		if s := string(r.GetSchema().GetJsonSchema()); !strings.Contains(s, `"order_id"`) {
			return fmt.Errorf("schema %s", s)
		}
		return nil
	})
}
