//go:build !gowasm

package kernel

import "maps"

func init() {
	maps.Copy(entries, map[string]func(ptr, uint32) uint64{"detectPlain": detectPlain})
	binds["reportName"] = choose(&nativeReportName, map[string]func(ptr, ptr, ptr, bool, uint32){"reportMember": reportMember, "reportSpan": reportSpan})
}
