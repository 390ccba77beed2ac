package demo

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

const createdBy = "demo"

// Fixed ids: a second start finds the rules of the first, and whatever people
// made of them.
const (
	maskEmails = "6d0e3c1e-0001-4d1a-9c61-5f2d5a3e0d01"
	dropCards  = "6d0e3c1e-0002-4d1a-9c61-5f2d5a3e0d02"
	checkOrder = "6d0e3c1e-0003-4d1a-9c61-5f2d5a3e0d03"
)

func pipelines() []*pb.Pipeline {
	by := createdBy
	skip := &pb.PipelineStepConditions{Abort: pb.AbortCondition_ABORT_CONDITION_ABORT_CURRENT}
	detect := func(name string, t steps.DetectiveType) *pb.PipelineStep {
		return &pb.PipelineStep{Name: name, OnFalse: skip, Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{Type: t}}}
	}
	return []*pb.Pipeline{
		{
			Id: maskEmails, Name: "Mask e-mail addresses", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, XCreatedBy: &by,
			Steps: []*pb.PipelineStep{
				detect("Find e-mail addresses", steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL),
				{Name: "Mask them", Dynamic: true, Step: &pb.PipelineStep_Transform{Transform: &steps.TransformStep{
					Type:    steps.TransformType_TRANSFORM_TYPE_MASK_VALUE,
					Options: &steps.TransformStep_MaskOptions{MaskOptions: &steps.TransformMaskOptions{Mask: "*"}},
				}}},
			},
		},
		{
			Id: dropCards, Name: "Remove card numbers", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, XCreatedBy: &by,
			Steps: []*pb.PipelineStep{
				detect("Find card numbers", steps.DetectiveType_DETECTIVE_TYPE_PII_CREDIT_CARD),
				{Name: "Delete them", Dynamic: true, Step: &pb.PipelineStep_Transform{Transform: &steps.TransformStep{
					Type:    steps.TransformType_TRANSFORM_TYPE_DELETE_FIELD,
					Options: &steps.TransformStep_DeleteFieldOptions{DeleteFieldOptions: &steps.TransformDeleteFieldOptions{}},
				}}},
			},
		},
		{
			Id: checkOrder, Name: "Check the shape of orders", DataFormat: pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON, XCreatedBy: &by,
			Steps: []*pb.PipelineStep{
				{Name: "Has a total", OnFalse: skip, Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
					Type: steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, Path: ptr("total"),
				}}},
				{Name: "Total is positive", Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
					Type: steps.DetectiveType_DETECTIVE_TYPE_NUMERIC_GREATER_THAN, Path: ptr("total"), Args: []string{"0"},
				}}},
			},
		},
	}
}

func ptr(s string) *string { return &s }

// seed creates the sample rules and attaches them, once: what people changed
// or removed since stays so.
func seed(ctx context.Context, api pb.ExternalClient, services []service) error {
	have, err := api.GetPipelines(ctx, &pb.GetPipelinesRequest{})
	if err != nil {
		return fmt.Errorf("list pipelines: %w", err)
	}
	if len(have.GetPipelines()) > 0 {
		return nil
	}
	for _, p := range pipelines() {
		if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: p}); err != nil && status.Code(err) != codes.AlreadyExists {
			return fmt.Errorf("create pipeline %q: %w", p.GetName(), err)
		}
	}
	for _, s := range services {
		for _, o := range s.operations {
			if o.rule == "" {
				continue
			}
			r, err := api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: s.audience(o), PipelineIds: []string{o.rule}})
			if err == nil && r.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
				err = errors.New(r.GetMessage())
			}
			if err != nil {
				return fmt.Errorf("attach to %s of %s: %w", o.name, s.name, err)
			}
		}
	}
	return nil
}
