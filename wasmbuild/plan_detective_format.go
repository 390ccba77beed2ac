package wasmbuild

import "github.com/streamdal/streamdal-server/api/pb/steps"

// formatDetectors are the types that know text by how it is written: addresses,
// times, identifiers, versions.
var formatDetectors = map[steps.DetectiveType]detector{
	steps.DetectiveType_DETECTIVE_TYPE_IPV4_ADDRESS: {match: "matchIPv4", sparse: "candidateDots"},
	steps.DetectiveType_DETECTIVE_TYPE_IPV6_ADDRESS: {match: "matchIPv6", sparse: "candidateIPv6"},
	steps.DetectiveType_DETECTIVE_TYPE_MAC_ADDRESS:  {match: "matchMAC", sparse: "candidateMAC"},
	steps.DetectiveType_DETECTIVE_TYPE_URL:          {match: "matchURL", sparse: "candidateURL"},
	steps.DetectiveType_DETECTIVE_TYPE_HOSTNAME:     {match: "matchHostname"},

	steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_RFC3339:   {match: "matchRFC3339", sparse: "candidateTime"},
	steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_UNIX:      {match: "matchUnix"},
	steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_UNIX_NANO: {match: "matchUnixNano"},

	steps.DetectiveType_DETECTIVE_TYPE_UUID:   {match: "matchUUID", sparse: "candidateUUID"},
	steps.DetectiveType_DETECTIVE_TYPE_SEMVER: {match: "matchSemver", sparse: "candidateDots"},
}
