package notify

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/streamdal/streamdal-server/api/pb"
)

// maxSlackText is below what Slack takes in one text, in bytes.
const maxSlackText = 2_900

// block is one block of a Slack message, with the members that its type has.
type block map[string]any

func markdown(text string) block { return block{"type": "mrkdwn", "text": text} }

func section(text string) block { return block{"type": "section", "text": markdown(text)} }

// preformatted shows text as it is.
func preformatted(id, text string) block {
	return block{"type": "rich_text", "block_id": id, "elements": []block{{
		"type": "rich_text_preformatted", "elements": []block{{"type": "text", "text": short(text)}},
	}}}
}

func short(text string) string {
	if len(text) <= maxSlackText {
		return text
	}
	return cut(text, maxSlackText) + "\n(cut off)"
}

var escapeSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "'", "\n", " ")

// slackBlocks lays an alert out.
func slackBlocks(a *alert, suppressed int) []block {
	fields := make([]block, 0, len(a.rows()))
	for _, r := range a.rows() {
		value := r.Value
		if value == "" {
			value = "-" // two back-quotes would be shown as they are
		}
		fields = append(fields, markdown("*"+r.Label+"*\n`"+escapeSlack.Replace(value)+"`"))
	}
	divider := block{"type": "divider"}
	heading := "Streamdal Alert Triggered"
	if a.Title != title {
		heading = a.Title
	}
	blocks := []block{
		{"type": "header", "text": block{"type": "plain_text", "text": heading}},
		divider,
		{"type": "section", "fields": fields},
	}
	if a.Metadata != "" {
		blocks = append(blocks, section("*Metadata*"), preformatted("metadata", a.Metadata))
	}
	if a.Payload != "" {
		blocks = append(blocks, divider, section("*Payload*"), preformatted("payload", a.Payload))
	}
	if n := note(suppressed); n != "" {
		blocks = append(blocks, section(escapeSlack.Replace(n)))
	}
	return append(blocks, divider)
}

func (s senders) slack(ctx context.Context, c *pb.NotificationSlack, a *alert, suppressed int) error {
	got, err := s.post(ctx, "Slack", s.endpoints.Slack+"/api/chat.postMessage",
		map[string]string{"Authorization": "Bearer " + c.GetBotToken()},
		map[string]any{"channel": c.GetChannel(), "text": escapeSlack.Replace(a.Summary), "blocks": slackBlocks(a, suppressed)})
	if err != nil {
		return err
	}
	var verdict struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(got.body, &verdict); err != nil || got.status != http.StatusOK {
		return refuse("Slack answered %s and not what its API answers", got.text)
	}
	switch {
	case verdict.OK:
		return nil
	case slackMayRecover[verdict.Error]:
		return &refusal{text: "Slack answered " + verdict.Error, temporary: true}
	default:
		return refuse("Slack refused the message: %s", cut(verdict.Error, maxName))
	}
}

// slackMayRecover are the errors that go away by themselves.
var slackMayRecover = map[string]bool{
	"internal_error": true, "fatal_error": true, "service_unavailable": true, "request_timeout": true,
	"ratelimited": true, "rate_limited": true, "message_limit_exceeded": true, "team_added_to_org": true,
}
