package wasmbuild

import (
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// format is a detective type that knows text by how it is written.
type format struct {
	typ      steps.DetectiveType
	accepts  func(string) bool // by libraries, or word for word by the definition
	seeds    []string          // texts to start from, one edit or two from the other side
	alphabet string            // what edits put in
}

var formats = []format{
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_IPV4_ADDRESS, alphabet: "0123456789.. x",
		accepts: func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
		seeds:   []string{"1.2.3.4", "0.0.0.0", "255.255.255.255", "10.01.0.1", "256.1.1.1", "1.2.3", "1.2.3.4.5", "12.345.67.89"},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_IPV6_ADDRESS, alphabet: "0123456789abcdefABCDEF::::.g%",
		accepts: isIPv6,
		seeds: []string{
			"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "fe80::1ff:fe23:4567:890a", "::ffff:192.0.2.1",
			"1:2:3:4:5:6:7.8.9.10", "1:2:3:4:5:6:7:8.9.10.11", "2001:DB8::a", "1:2:3:4:5::7.8.9.10", "::1%eth0", "0000:0000:0000:0000:0000:0000:255.255.255.255",
		},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_MAC_ADDRESS, alphabet: "0123456789abcdefABCDEF::--.g",
		accepts: regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$`).MatchString,
		seeds:   []string{"0A:1b:2C:3d:4E:5f", "ff-ee-dd-cc-bb-aa", "00:11-22:33-44:55", "0A1b.2C3d.4E5f", "0A:1b:2C:3d:4E", "00:11:22:33:44:55:66"},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_HOSTNAME, alphabet: "abzAZ019-..-_ü ",
		accepts: func(s string) bool { return len(s) <= 253 && hostname.MatchString(s) },
		seeds: []string{
			"a", "db-1.internal.example", "-a.b", "a-.b", "a..b", ".a", "a.", "1.2.3.4", "xn--bcher-kva.example", strings.Repeat("a", 63), strings.Repeat("a", 64),
			strings.Repeat("a23456789.", 25) + "abc", strings.Repeat("a23456789.", 25) + "abcd",
		},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_URL, alphabet: "ahx018.:/\\@[]%?#| \t\nü\u3002\uff11\u00ad\u00a0é-_<",
		accepts: validURL,
		seeds:   urlSeeds,
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_RFC3339, alphabet: "0123456789-:.TtZz+ \u2212",
		accepts: isRFC3339,
		seeds: []string{
			"2031-07-04T09:15:27Z", "2031-07-04t09:15:27.5z", "2031-07-04 09:15:27.123456789012+05:30", "2032-02-29T23:59:60-00:00", "1900-02-29T00:00:00Z",
			"2000-02-29T00:00:00Z", "2031-04-31T00:00:00Z", "2031-12-31T24:00:00Z", "0000-01-01T00:00:00\u221211:59", "2031-07-04T09:15:27+0530", "2031-07-04T09:15Z",
		},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_UNIX, alphabet: "0123456789-.e ", accepts: countUpTo("8210298412799"),
		seeds: []string{"0", "1941009327", "8210298412799", "8210298412800", "007", "18446744073709551617", "000000000000000000000000000001", "1e9"},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_TIMESTAMP_UNIX_NANO, alphabet: "0123456789-.e ", accepts: countUpTo("9223372036854775807"),
		seeds: []string{"5", "1941009327000000000", "9223372036854775807", "9223372036854775808", "18446744073709551616", "92233720368547758070", "1e18"},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_UUID, alphabet: "0123456789abcdefABCDEF--::{}g",
		accepts: regexp.MustCompile(uuidForms).MatchString,
		seeds: []string{
			"3F2504E04F8941D39A0C0305E82C3301", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "{3f2504e0-4f89-41d3-9a0c-0305e82c3301}", "urn:uuid:3f2504e0-4f89-41d3-9a0c-0305e82c3301",
			"3f2504e0:4f89:41d3:9a0c:0305e82c3301", "URN:UUID:3f2504e0-4f89-41d3-9a0c-0305e82c3301", "{3f2504e04f8941d39a0c0305e82c3301}", "urn-uuid-3f2504e0-4f89-41d3-9a0c-0305e82c3301",
		},
	},
	{
		typ: steps.DetectiveType_DETECTIVE_TYPE_SEMVER, alphabet: "0123456789abz.-+-.v_",
		accepts: isSemver,
		seeds: []string{
			"1.2.3", "0.0.0", "1.0.0-0A.x", "2.10.3-beta.1+build.7", "1.0.0--", "1.0.0+01", "1.0.0-01", "01.0.0", "18446744073709551615.0.0", "1.18446744073709551616.0",
			"0.0.18446744073709551610", "1.2", "1.2.3.4", "v1.2.3", "1.0.0-a..b", "1.0.0+", "1.0.0-a+b+c", "99999999999999999999.0.0",
		},
	},
}

// formatOf finds a type's definition.
func formatOf(t steps.DetectiveType) (format, bool) {
	i := slices.IndexFunc(formats, func(f format) bool { return f.typ == t })
	if i < 0 {
		return format{}, false
	}
	return formats[i], true
}

const (
	hyphenated = `[0-9A-Fa-f]{8}([-:][0-9A-Fa-f]{4}){3}[-:][0-9A-Fa-f]{12}`
	uuidForms  = `^([0-9A-Fa-f]{32}|(?i:urn:uuid:)?` + hyphenated + `|\{` + hyphenated + `\})$`
)

var (
	hostname = regexp.MustCompile(`^[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*$`)
	semver   = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$`)
	digitsOnly = regexp.MustCompile(`^[0-9]+$`)
	timeForm   = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[-+\x{2212}](\d\d:\d\d))$`)
)

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && !strings.Contains(s, "%")
}

func countUpTo(last string) func(string) bool {
	limit, _ := new(big.Int).SetString(last, 10)
	return func(s string) bool {
		n, ok := new(big.Int).SetString(s, 10)
		return ok && digitsOnly.MatchString(s) && n.Cmp(limit) <= 0
	}
}

func isSemver(s string) bool {
	m := semver.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	fits := countUpTo("18446744073709551615")
	return fits(m[1]) && fits(m[2]) && fits(m[3])
}

func isRFC3339(s string) bool {
	m := timeForm.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	_, err := time.Parse("2006-01-02 15:04", m[1]+" "+m[2])
	if m[4] != "" && err == nil {
		_, err = time.Parse("15:04", m[4])
	}
	return err == nil
}

// What follows is the WHATWG URL Standard's parser, which fails or not.

const hostDelimiters = `#/:<>?@[\]^|`

var (
	noLineEnds  = strings.NewReplacer("\t", "", "\n", "", "\r", "")
	scheme      = regexp.MustCompile(`^[A-Za-z][-+.0-9A-Za-z]*$`)
	hostAndPort = regexp.MustCompile(`(?s)^((?:\[[^\]]*(?:\]|$)|[^:\[])*)(:.*)?$`)
	fileHost    = regexp.MustCompile(`(?s)^[/\\][/\\]([^/\\?#]*)`)
	driveLetter = regexp.MustCompile(`^[A-Za-z][:|]$`)
	percent     = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	urlDomain   = idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(false), idna.VerifyDNSLength(false))
)

func validURL(s string) bool {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = noLineEnds.Replace(s)
	name, rest, ok := strings.Cut(s, ":")
	if !ok || !scheme.MatchString(name) {
		return false
	}
	switch strings.ToLower(name) {
	case "http", "https", "ws", "wss", "ftp":
		return validAuthority(strings.TrimLeft(rest, `/\`), `/\?#`, true)
	case "file":
		m := fileHost.FindStringSubmatch(rest)
		return m == nil || m[1] == "" || driveLetter.MatchString(m[1]) || validHost(m[1], true)
	}
	return !strings.HasPrefix(rest, "//") || validAuthority(rest[2:], "/?#", false)
}

func validAuthority(s, ends string, special bool) bool {
	if i := strings.IndexAny(s, ends); i >= 0 {
		s = s[:i]
	}
	at := strings.LastIndexByte(s, '@')
	m := hostAndPort.FindStringSubmatch(s[at+1:])
	host, port := m[1], m[2]
	if host == "" {
		return port == "" && !special && at < 0
	}
	return (len(port) < 2 || countUpTo("65535")(port[1:])) && validHost(host, special)
}

func validHost(host string, special bool) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && isIPv6(inner)
	}
	if !special {
		return !strings.ContainsAny(host, hostDelimiters+"\x00 ")
	}
	host = percent.ReplaceAllStringFunc(host, func(s string) string {
		n, _ := new(big.Int).SetString(s[1:], 16)
		return string([]byte{byte(n.Int64())})
	})
	domain, err := urlDomain.ToASCII(strings.ToValidUTF8(host, "\ufffd"))
	refused := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(hostDelimiters+"%", r) }
	if err != nil || domain == "" || strings.ContainsFunc(domain, refused) {
		return false
	}
	parts := strings.Split(domain, ".")
	if last := len(parts) - 1; last > 0 && parts[last] == "" {
		parts = parts[:last]
	}
	if last := parts[len(parts)-1]; !digitsOnly.MatchString(last) && numberOf(last) == nil {
		return true
	}
	return validNumbers(parts)
}

// validNumbers says whether the parts make an IPv4 address.
func validNumbers(parts []string) bool {
	if len(parts) > 4 {
		return false
	}
	for i, part := range parts {
		limit := big.NewInt(255)
		if i == len(parts)-1 {
			limit = big.NewInt(1<<(8*(5-len(parts))) - 1)
		}
		if n := numberOf(part); n == nil || n.Cmp(limit) > 0 {
			return false
		}
	}
	return true
}

// numberOf reads a part of an IPv4 address; nil if it is none.
func numberOf(s string) *big.Int {
	base := 10
	switch {
	case strings.HasPrefix(strings.ToLower(s), "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	case s == "":
		return nil
	}
	if s == "" {
		return new(big.Int)
	}
	if strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return nil
	}
	n, ok := new(big.Int).SetString(s, base)
	if !ok {
		return nil
	}
	return n
}
