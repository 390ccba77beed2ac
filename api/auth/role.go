package auth

import (
	health "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionalpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
)

// Role is what a caller may do, or what a method asks for. The zero Role is nobody's:
// a method without a row in the tables below is closed to everybody.
type Role uint8

// The roles. Viewer, Editor and Admin include each other; SDK stands aside: an SDK may
// not read what people see, and only Admin may play an SDK.
const (
	nobody Role = iota
	Open        // asks for no credentials
	SDK
	Viewer
	Editor
	Admin
)

// String returns the name that people and the session route use.
func (r Role) String() string {
	switch r {
	case Open:
		return "open"
	case SDK:
		return "sdk"
	case Viewer:
		return "viewer"
	case Editor:
		return "editor"
	case Admin:
		return "admin"
	default:
		return "nobody"
	}
}

// may reports whether a caller with role r may do what asks for need.
func (r Role) may(need Role) bool {
	switch need {
	case Open:
		return true
	case SDK:
		return r == SDK || r == Admin
	case Viewer, Editor, Admin:
		return r >= need
	default:
		return false
	}
}

// Method returns the role that a gRPC method asks for; ok is false when it has no row.
func Method(fullMethod string) (need Role, ok bool) {
	need, ok = methods[fullMethod]
	return need, ok
}

// Route returns the role that a REST route asks for, by its http.ServeMux pattern; ok is
// false when it has no row.
func Route(pattern string) (need Role, ok bool) {
	need, ok = routes[pattern]
	return need, ok
}

// routes is every REST route. /metrics is open as it always was, because scrapers in the
// field send no token.
var routes = map[string]Role{
	"GET /health-check":      Open,
	"GET /version":           Open,
	"GET /healthz":           Open,
	"GET /readyz":            Open,
	"GET /metrics":           Open,
	"POST /api/v1/session":   Open,
	"GET /api/v1/session":    Viewer,
	"DELETE /api/v1/session": Open,

	"GET /api/v1/config":                   Admin, // as GetConfig
	"GET /api/v1/kv":                       Viewer,
	"POST /api/v1/kv":                      Editor,
	"PUT /api/v1/kv":                       Editor,
	"DELETE /api/v1/kv":                    Editor,
	"GET /api/v1/kv/{key...}":              Viewer,
	"DELETE /api/v1/kv/{key...}":           Editor,
	"GET /api/v1/kv-usage":                 Viewer,
	"GET /api/v1/wasm-sizes":               Viewer,
	"GET /api/v1/notifications-locked":     Viewer,
	"DELETE /api/v1/notifications/{id}":    Admin, // a secret is gone for good
	"POST /api/v1/notifications/{id}/test": Editor,

	"/": Open, // the Console's files; what they show they ask for over gRPC
}

// methods is every gRPC method. Tail is Editor because payloads are personal data; GetConfig
// is Admin because it carries the secrets of notifications; uploading code is Admin because
// every SDK runs it.
var methods = map[string]Role{
	health.Health_Check_FullMethodName: Open,
	health.Health_List_FullMethodName:  Open,
	health.Health_Watch_FullMethodName: Open,

	reflection.ServerReflection_ServerReflectionInfo_FullMethodName:      Viewer,
	reflectionalpha.ServerReflection_ServerReflectionInfo_FullMethodName: Viewer,

	pb.Internal_Register_FullMethodName:                         SDK,
	pb.Internal_NewAudience_FullMethodName:                      SDK,
	pb.Internal_Heartbeat_FullMethodName:                        SDK,
	pb.Internal_Notify_FullMethodName:                           SDK,
	pb.Internal_Metrics_FullMethodName:                          SDK,
	pb.Internal_GetSetPipelinesCommandsByService_FullMethodName: SDK,
	pb.Internal_SendTail_FullMethodName:                         SDK,
	pb.Internal_SendSchema_FullMethodName:                       SDK,

	pb.External_Test_FullMethodName:                  Viewer,
	pb.External_GetAll_FullMethodName:                Viewer,
	pb.External_GetAllStream_FullMethodName:          Viewer,
	pb.External_GetPipelines_FullMethodName:          Viewer,
	pb.External_GetPipeline_FullMethodName:           Viewer,
	pb.External_GetNotifications_FullMethodName:      Viewer,
	pb.External_GetNotification_FullMethodName:       Viewer,
	pb.External_GetMetrics_FullMethodName:            Viewer,
	pb.External_GetAudienceRates_FullMethodName:      Viewer,
	pb.External_GetSchema_FullMethodName:             Viewer,
	pb.External_GetWasm_FullMethodName:               Viewer,
	pb.External_GetAllWasm_FullMethodName:            Viewer,
	pb.External_AppRegistrationStatus_FullMethodName: Viewer,

	console.Schemas_GetSchemaHistory_FullMethodName: Viewer,
	console.Console_Watch_FullMethodName:            Viewer,
	console.Console_GetCharts_FullMethodName:        Viewer,
	console.Console_CheckPipeline_FullMethodName:    Viewer,
	console.Console_TryPipeline_FullMethodName:      Editor,
	console.Console_ChangeAssignment_FullMethodName: Editor,
	console.Console_SavePipeline_FullMethodName:     Editor,

	pb.External_CreatePipeline_FullMethodName:        Editor,
	pb.External_UpdatePipeline_FullMethodName:        Editor,
	pb.External_DeletePipeline_FullMethodName:        Editor,
	pb.External_SetPipelines_FullMethodName:          Editor,
	pb.External_PausePipeline_FullMethodName:         Editor,
	pb.External_ResumePipeline_FullMethodName:        Editor,
	pb.External_CreateNotification_FullMethodName:    Editor,
	pb.External_UpdateNotification_FullMethodName:    Editor,
	pb.External_DeleteNotification_FullMethodName:    Editor,
	pb.External_AttachNotification_FullMethodName:    Editor,
	pb.External_DetachNotification_FullMethodName:    Editor,
	pb.External_CreateAudience_FullMethodName:        Editor,
	pb.External_DeleteAudience_FullMethodName:        Editor,
	pb.External_DeleteService_FullMethodName:         Editor,
	pb.External_Tail_FullMethodName:                  Editor,
	pb.External_PauseTail_FullMethodName:             Editor,
	pb.External_ResumeTail_FullMethodName:            Editor,
	pb.External_AppRegister_FullMethodName:           Editor,
	pb.External_AppVerifyRegistration_FullMethodName: Editor,
	pb.External_AppRegisterReject_FullMethodName:     Editor,

	pb.External_GetConfig_FullMethodName:  Admin,
	pb.External_CreateWasm_FullMethodName: Admin,
	pb.External_UpdateWasm_FullMethodName: Admin,
	pb.External_DeleteWasm_FullMethodName: Admin,

	console.Tokens_Issue_FullMethodName:  Admin,
	console.Tokens_List_FullMethodName:   Admin,
	console.Tokens_Revoke_FullMethodName: Admin,

	console.Inspect_Summary_FullMethodName:     Admin,
	console.Inspect_ListRecords_FullMethodName: Admin,
	console.Inspect_GetRecord_FullMethodName:   Admin,
	console.Inspect_Watch_FullMethodName:       Admin,
}
