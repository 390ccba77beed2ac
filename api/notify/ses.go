package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/streamdal/streamdal-server/api/pb"
)

// region is what becomes part of a host name.
var region = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// ses sends by Amazon's Simple Email Service. Attempts are counted by us, not by its library.
func (s senders) ses(ctx context.Context, email *pb.NotificationEmail, a *alert, suppressed int) error {
	c := email.GetSes()
	if !region.MatchString(c.GetSesRegion()) {
		return refuse("%q is no region of SES", c.GetSesRegion())
	}
	html, err := page(a, suppressed)
	if err != nil {
		return refuse("write the e-mail: %s", err)
	}
	options := sesv2.Options{
		Region:      c.GetSesRegion(),
		Credentials: credentials.NewStaticCredentialsProvider(c.GetSesAccessKeyId(), c.GetSesSecretAccessKey(), ""),
		HTTPClient:  s.http,
		Retryer:     aws.NopRetryer{},
	}
	if s.endpoints.SES != "" {
		options.BaseEndpoint = aws.String(s.endpoints.SES)
	}
	utf8 := func(text string) *types.Content {
		return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
	}
	_, err = sesv2.New(options).SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(email.GetFromAddress()),
		Destination:      &types.Destination{ToAddresses: email.GetRecipients()},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(a.Summary),
			Body:    &types.Body{Html: utf8(html), Text: utf8(plain(a, suppressed))},
		}},
	})
	return sesError(err)
}

// sesError tells a refusal from trouble on the way.
func sesError(err error) error {
	if err == nil {
		return nil
	}
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		return fmt.Errorf("ask SES: %w", err)
	}
	text := fmt.Sprintf("SES refused the e-mail: %s: %s", refused.ErrorCode(), cut(refused.ErrorMessage(), maxName))
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		status := answer.HTTPStatusCode()
		if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
			return &refusal{text: text, temporary: true}
		}
	}
	return &refusal{text: text}
}
