package wasmbuild

import (
	"net/url"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// planHTTP fills r for a step that makes an HTTP request. What is sent is the
// rule's constant; in a dynamic step the payload is the body.
func planHTTP(r *rule, step *pb.PipelineStep) error {
	request := proto.CloneOf(step.GetHttpRequest().GetRequest())
	if err := checkHTTP(request); err != nil {
		return err
	}
	if request.GetBodyMode() == steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_UNSET {
		// SDKs would send no body, or none of the request
		request.BodyMode = steps.HttpRequestBodyMode_HTTP_REQUEST_BODY_MODE_STATIC
	}
	if step.GetDynamic() {
		request.Body = nil
		r.set["HTTPBody"] = 1
	}
	wire, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return refuse("The HTTP request cannot be encoded: %s.", err)
	}
	r.entry = "httpStep"
	setText(r, "HTTPRequest", string(wire))
	return nil
}

// checkHTTP refuses what no SDK can send. A request that is only unwise passes.
func checkHTTP(request *steps.HttpRequest) error {
	if request.GetUrl() == "" {
		return refuse("The HTTP request has no URL; set one that starts with http:// or https://.")
	}
	target, err := url.Parse(request.GetUrl())
	if err != nil {
		return refuse("The HTTP request's URL %.200q cannot be read; write it as http://host:port/path.", request.GetUrl())
	}
	if target.Scheme != "http" && target.Scheme != "https" || target.Hostname() == "" {
		return refuse("The HTTP request's URL %.200q cannot be fetched; write it as http://host:port/path or https://host:port/path.", request.GetUrl())
	}
	method := request.GetMethod()
	if _, known := steps.HttpRequestMethod_name[int32(method)]; !known || method == steps.HttpRequestMethod_HTTP_REQUEST_METHOD_UNSET {
		return refuse("HTTP request method %s is not known; choose GET, POST, PUT, DELETE, PATCH, HEAD or OPTIONS.", method)
	}
	if _, known := steps.HttpRequestBodyMode_name[int32(request.GetBodyMode())]; !known {
		return refuse("HTTP request body mode %s is not known; choose static or inter-step result.", request.GetBodyMode())
	}
	return nil
}
