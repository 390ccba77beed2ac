package schema

// format is a string format that is checked, as the kernel numbers them.
type format uint32

const (
	formatNone format = iota
	formatDateTime
	formatDate
	formatTime
	formatEmail
	formatHostname
	formatIPv4
	formatIPv6
	formatURI
	formatURIReference
	formatIRI
	formatIRIReference
	formatPointer
	formatRelativePointer
)

// formats are the formats that are checked; others are remarks, as they are in the original.
var formats = map[string]format{
	"date-time": formatDateTime, "date": formatDate, "time": formatTime,
	"email": formatEmail, "idn-email": formatEmail, "hostname": formatHostname,
	"ipv4": formatIPv4, "ipv6": formatIPv6,
	"uri": formatURI, "uri-reference": formatURIReference, "iri": formatIRI, "iri-reference": formatIRIReference,
	"json-pointer": formatPointer, "relative-json-pointer": formatRelativePointer,
}
