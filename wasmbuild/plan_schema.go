package wasmbuild

import (
	"errors"

	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/schema"
)

var drafts = map[steps.JSONSchemaDraft]schema.Draft{
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_04: schema.Draft4,
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_06: schema.Draft6,
	steps.JSONSchemaDraft_JSONSCHEMA_DRAFT_07: schema.Draft7,
}

// planSchemaValidation fills r for a step that holds payloads against a JSON schema.
func planSchemaValidation(r *rule, step *steps.SchemaValidationStep) error {
	if step.GetType() != steps.SchemaValidationType_SCHEMA_VALIDATION_TYPE_JSONSCHEMA {
		return refuse("The schema validation step does not say what kind of schema it has; choose JSON Schema.")
	}
	switch step.GetCondition() {
	case steps.SchemaValidationCondition_SCHEMA_VALIDATION_CONDITION_MATCH:
	case steps.SchemaValidationCondition_SCHEMA_VALIDATION_CONDITION_NOT_MATCH:
		r.set["CheckNegate"] = 1
	default:
		return refuse("The schema validation step does not say whether payloads should match; choose match or not match.")
	}
	draft, ok := drafts[step.GetJsonSchema().GetDraft()]
	if !ok {
		return refuse("The schema validation step does not say which draft its JSON schema is; choose draft 4, 6 or 7.")
	}
	program, err := schema.Compile(step.GetJsonSchema().GetJsonSchema(), draft, schema.Options{})
	if wrong := (*schema.Error)(nil); errors.As(err, &wrong) {
		return refuse("The JSON schema of the schema validation step cannot be used: at %s, %s.", wrong.Where, wrong.Reason)
	}
	if err != nil {
		return err
	}
	planCheck(r, program)
	return nil
}

// planCheck makes r run a check program, with as much of the kernel as it uses.
func planCheck(r *rule, program *schema.Schema) {
	r.entry = "checkSchema"
	layout := program.LayOut(r.data)
	r.set["CheckRoot"], r.set["CheckAny"] = layout.Root, layout.Any
	for _, part := range []struct {
		used                bool
		name, without, with string
	}{
		{layout.Automata, "matchPattern", "matchNoPattern", "matchAutomaton"},
		{layout.Simulations, "matchPattern", "", "matchAnyPattern"},
		{layout.Formats, "isFormat", "isNoFormat", "isAnyFormat"},
		{layout.Ops, "startMore", "startNothing", "startOps"},
		{layout.Ops, "goOn", "goNowhere", "opResult"},
		{layout.Lists, "isListed", "isNotListed", "isInTable"},
		{layout.Unique, "allDiffer", "isAnyArray", "noneRepeated"},
		{layout.Depends, "depends", "dependsNever", "hasMember"},
	} {
		if part.used {
			r.bind[part.name] = part.with
		} else if part.without != "" {
			r.bind[part.name] = part.without
		}
	}
}
