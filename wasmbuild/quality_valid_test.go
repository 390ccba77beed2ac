package wasmbuild

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/mail"
	"net/url"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/crypto/sha3"
)

const (
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alnums   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hexes    = "0123456789abcdef"
)

// valid makes a value of each detective type, in ways of its own; further ones
// are in testdata/quality/samples.tsv.
var valid = map[string]func(*corpus) string{
	"PII_SSN":         func(c *corpus) string { return c.shape("999-99-9999") },
	"PII_EMAIL":       validMail,
	"PII_CREDIT_CARD": validCard,
	"PII_PHONE":       validPhone,
	"PII_VIN_NUMBER":  validVIN,
	"PII_ADDRESS":     func(c *corpus) string { return c.shape(oneOf(c, "99999", "99999-9999", "A9A 9A9", "A9A9A9")) },
	"PII_TITLE": func(c *corpus) string {
		return oneOf(c, "Mr. ", "Mrs. ", "Ms. ", "Miss ", "Dr. ", "Prof. ", "Rev. ", "Mister ") + c.title() + " " + c.title()
	},
	"PII_RELIGION": func(c *corpus) string {
		return c.title() + " " + oneOf(c, "Muslim", "Christian", "Hindu", "Buddhist", "Catholic", "Sunni", "Orthodox", "Lutheran") + " " + c.word()
	},
	"PII_AWS_KEY_ID": func(c *corpus) string {
		return oneOf(c, "AKIA", "ASIA", "AROA", "AIDA") + c.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
	},
	"PII_RSA_KEY": func(c *corpus) string {
		return "-----BEGIN " + oneOf(c, "RSA ", "", "ENCRYPTED ") + "PRIVATE KEY-----\n" + c.from(letters64[:62], 64)
	},
	"PII_SLACK_TOKEN": func(c *corpus) string {
		return oneOf(c, "xoxb-", "xoxp-", "xoxa-", "xapp-1-") + c.digits(12) + "-" + c.from(letters64[:62], 24)
	},
	"PII_STRIPE_KEY": func(c *corpus) string { return "sk_" + "live_" + c.from(letters64[:62], 24) },
	"PII_GITHUB_PAT": func(c *corpus) string {
		return oneOf(c, "ghp_"+c.from(letters64[:62], 36), "github_"+"pat_"+c.from(letters64[:62], 22)+"_"+c.from(letters64[:62], 59))
	},
	"PII_BRAINTREE_ACCESS_TOKEN": func(c *corpus) string {
		return "access_" + "token$production$" + c.from(hexes, 16) + "$" + c.from(hexes, 32)
	},
	"PII_AWS_MWS_AUTH_TOKEN": func(c *corpus) string { return "amzn." + "mws." + c.uuid() },
	"PII_DATABRICKS_PAT":     func(c *corpus) string { return "da" + "pi" + c.from(hexes, 32) + oneOf(c, "", "-2", "-3") },
	"PII_SENDGRID_KEY":       func(c *corpus) string { return "S" + "G." + c.from(letters64, 22) + "." + c.from(letters64, 43) },
	"PII_AZURE_SQL_CONN_STRING": func(c *corpus) string {
		return "Server=tcp:" + c.word() + ".database.example,1433;Initial Catalog=" + c.word() + ";User ID=" + c.word() + ";Password=" + c.from(letters64, 12) + ";"
	},
	"PII_JWT":                validJWT,
	"PII_DOCKER_SWARM_TOKEN": func(c *corpus) string { return "SWM" + oneOf(c, "TKN-1-", "KEY-1-") + c.from(hexes, 50) },
	"PII_BEARER_TOKEN":       func(c *corpus) string { return oneOf(c, "", "Authorization: ") + "Bearer " + c.from(letters64, 32) },
	"UK_INSURANCE_NUMBER":    validNINO,
	"PII_CRYPTO_ADDRESS":     validCrypto,
	"PII_PASSPORT_ID":        validPassport,
	"PII_DRIVER_LICENSE":     validLicense,
	"PII_SERIAL_NUMBER": func(c *corpus) string {
		return withLuhn(oneOf(c, "35", "86", "01")+c.digits(12), oneOf(c, "8944", "8901", "8949")+c.digits(14), c)
	},
	"PII_LOGIN":       validLogin,
	"PII_SIGNATURE":   validSignature,
	"PII_GEOLOCATION": validPlace,
	"PII_EDUCATION":   validDegree,
	"PII_FINANCIAL": func(c *corpus) string {
		return oneOf(c, "%B"+validCard(c)+"^"+strings.ToUpper(c.word()+"/"+c.word())+"^2812101000000", ";"+validCard(c)+"=28121010000000?", creditorReference(c))
	},
	"PII_HEALTH": validHealth,
}

func validMail(c *corpus) string {
	s := c.word() + oneOf(c, "", ".", "+", "_") + c.word() + "@" + c.word() + "." + oneOf(c, "com", "org", "example", "co.uk", "io")
	if _, err := mail.ParseAddress(s); err != nil {
		panic(err)
	}
	return s
}

// luhnDigit is the check digit to put behind s, in which letters count as two digits.
func luhnDigit(s string) string {
	var digits []int
	for _, r := range s {
		if r >= 'A' {
			digits = append(digits, int(r-'A'+10)/10, int(r-'A'+10)%10)
		} else {
			digits = append(digits, int(r-'0'))
		}
	}
	sum := 0
	for i := range digits {
		d := digits[len(digits)-1-i]
		if i%2 == 0 {
			d = d * 2 % 9
			if digits[len(digits)-1-i] == 9 {
				d = 9
			}
		}
		sum += d
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

// withLuhn is either text with a check digit behind.
func withLuhn(a, b string, c *corpus) string { s := oneOf(c, a, b); return s + luhnDigit(s) }

// validCard makes cards of the brands' lengths and prefixes.
func validCard(c *corpus) string {
	s := oneOf(c, "4"+c.digits(14), "5"+c.from("12345", 1)+c.digits(13), "34"+c.digits(12), "37"+c.digits(12), "6011"+c.digits(11), "35"+c.digits(13), "36"+c.digits(11), "62"+c.digits(16))
	return s + luhnDigit(s)
}

// validPhone takes the examples that libphonenumber has for a region.
func validPhone(c *corpus) string {
	for {
		regions := sortedRegions()
		kind := oneOf(c, phonenumbers.FIXED_LINE, phonenumbers.MOBILE)
		if n := phonenumbers.GetExampleNumberForType(regions[c.IntN(len(regions))], kind); n != nil {
			return phonenumbers.Format(n, oneOf(c, phonenumbers.E164, phonenumbers.INTERNATIONAL))
		}
	}
}

// validVIN has the check digit of 49 CFR 565.15.
func validVIN(c *corpus) string {
	const values, weights = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ", "8765432X098765432"
	b := []byte(c.from("123456789ABCDEFGHJKLMNPRSTUVWXYZ", 1) + c.from("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", 11) + c.digits(5))
	sum := 0
	for i, x := range b {
		w := int(weights[i] - '0')
		if weights[i] == 'X' {
			w = 10
		}
		sum += strings.IndexByte(values, x) % 10 * w
	}
	b[8] = "0123456789X"[sum%11]
	return string(b)
}

func validNINO(c *corpus) string {
	for {
		s := c.from("ABCEGHJKLMNOPRSTWXYZ", 1) + c.from("ABCEGHJKLMNPRSTWXYZ", 1)
		if !strings.Contains("BG GB NK KN TN NT ZZ", s) {
			return s + oneOf(c, c.digits(6), c.shape(" 99 99 99 ")) + c.from("ABCD", 1)
		}
	}
}

func validJWT(c *corpus) string {
	enc := base64.RawURLEncoding.EncodeToString
	alg := oneOf(c, "HS256", "RS256", "ES384", "PS512", "EdDSA")
	header := oneOf(c, `{"alg":"`+alg+`","typ":"JWT"}`, `{"typ":"JWT","alg":"`+alg+`"}`, `{"alg":"`+alg+`","kid":"`+c.uuid()+`"}`, `{"alg":"`+alg+`","kid":"k1","typ":"at+jwt"}`)
	return enc([]byte(header)) + "." + enc([]byte(`{"sub":"`+c.word()+`"}`)) + "." + enc([]byte(c.uuid()))
}

func validLogin(c *corpus) string {
	user, pass := c.word(), c.from(letters64, 10)
	u := url.URL{Scheme: oneOf(c, "https", "postgres", "amqp", "mongodb+srv"), User: url.UserPassword(user, pass), Host: c.word() + ".example", Path: "/" + c.word()}
	form := url.Values{"username": {user}, "password": {pass}, "grant_type": {"password"}}
	return oneOf(c, u.String(), oneOf(c, "", "Authorization: ")+"Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+pass)), form.Encode(),
		"host="+c.word()+";Uid="+user+";Pwd="+pass+";")
}

func validSignature(c *corpus) string {
	type contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"tag:0,explicit"`
	}
	der, err := asn1.Marshal(contentInfo{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, []byte(c.from(letters64, 300))})
	if err != nil {
		panic(err)
	}
	return oneOf(c, "/s/ "+c.title()+" "+c.title(), "-----BEGIN PGP SIGNATURE-----\n\n"+c.from(letters64, 60), base64.StdEncoding.EncodeToString(der),
		"-----BEGIN PKCS7-----\n"+c.from(letters64, 64), `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">`)
}

func validPlace(c *corpus) string {
	lat, lon := c.Float64()*180-90, c.Float64()*360-180
	minutes := func(v float64, pos, neg string) string {
		side := pos
		if v < 0 {
			side, v = neg, -v
		}
		return fmt.Sprintf(`%d°%02d'%04.1f"%s`, int(v), int(v*60)%60, float64(int(v*36000)%600)/10, side)
	}
	const plus = "23456789CFGHJMPQRVWX"
	return oneOf(c, fmt.Sprintf("%.5f,%.5f", lat, lon), fmt.Sprintf("%.4f, %.4f", lat, lon), fmt.Sprintf("geo:%g,%g", lat, lon), fmt.Sprintf("geo:%.2f,%.2f;u=35", lat, lon),
		fmt.Sprintf("%+08.4f%+09.4f/", lat, lon), minutes(lat, "N", "S")+" "+minutes(lon, "E", "W"), c.from(plus[:9], 1)+c.from(plus[:18], 1)+c.from(plus, 6)+"+"+c.from(plus, 2))
}

func validDegree(c *corpus) string {
	orcid := "0000000" + oneOf(c, "1", "2", "3") + c.digits(7)
	sum := 0
	for _, d := range orcid {
		sum = (sum + int(d-'0')) * 2
	}
	orcid += string("0123456789X"[(12-sum%11)%11])
	orcid = orcid[:4] + "-" + orcid[4:8] + "-" + orcid[8:12] + "-" + orcid[12:]
	return oneOf(c, "Bachelor of Science in "+c.title(), "Master of Arts", "Doctor of Philosophy", "Master's degree in "+c.word(), "bachelor's degree", "Associate of Applied Science",
		"PhD", "M.Sc.", "MBA", c.title()+" "+c.title()+", Ph.D.", orcid, "https://orcid.org/"+orcid, c.word()+"@"+c.word()+".edu", c.word()+"@"+c.word()+".ac.uk")
}

func validHealth(c *corpus) string {
	npi := oneOf(c, "1", "2") + c.digits(8)
	npi += luhnDigit("80840" + npi)
	dea := c.digits(6)
	sum := int(dea[0]-'0') + int(dea[2]-'0') + int(dea[4]-'0') + 2*(int(dea[1]-'0')+int(dea[3]-'0')+int(dea[5]-'0'))
	const mbi = "ACDEFGHJKMNPQRTUVWXY"
	return oneOf(c, npi, c.from("ABFGMPR", 1)+c.from(capitals, 1)+dea+fmt.Sprint(sum%10),
		c.from("123456789", 1)+c.from(mbi, 1)+c.from(mbi+"0123456789", 1)+c.digits(1)+oneOf(c, "", "-")+c.from(mbi, 1)+c.from(mbi+"0123456789", 1)+c.digits(1)+oneOf(c, "", "-")+c.from(mbi, 2)+c.digits(2),
		c.from(capitals, 1)+c.digits(2)+"."+c.digits(1+c.IntN(3)), "S72."+c.digits(3)+"A")
}

// creditorReference has the check digits of ISO 11649.
func creditorReference(c *corpus) string {
	s := c.from(alnums, 5+c.IntN(16))
	n, _ := new(big.Int).SetString(inDigits(s+"RF00"), 10)
	return fmt.Sprintf("RF%02d%s", 98-new(big.Int).Mod(n, big.NewInt(97)).Int64(), s)
}

// inDigits writes letters as two digits.
func inDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'A' {
			fmt.Fprint(&b, int(r-'A')+10)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// checksummed appends what Base58Check does and encodes.
func checksummed(b []byte) string {
	first := sha256.Sum256(b)
	second := sha256.Sum256(first[:])
	b = append(b, second[:4]...)
	s, n := "", new(big.Int).SetBytes(b)
	for n.Sign() > 0 {
		d := new(big.Int)
		n.DivMod(n, big.NewInt(58), d)
		s = string("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[d.Int64()]) + s
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		s = "1" + s
	}
	return s
}

func validCrypto(c *corpus) string {
	h := sha256.Sum256([]byte(c.uuid()))
	hexed := c.from(hexes, 40)
	k := sha3.NewLegacyKeccak256()
	k.Write([]byte(hexed))
	sum, mixed := k.Sum(nil), []byte(hexed)
	for i := range mixed {
		if mixed[i] >= 'a' && sum[i/2]>>(4-i%2*4)&15 > 7 {
			mixed[i] -= 32
		}
	}
	return oneOf(c, checksummed(append([]byte{oneOf(c, byte(0), 5, 0x30, 0x1e)}, h[:20]...)), checksummed(append([]byte{0x80}, h[:]...)),
		checksummed(append(append([]byte{0x80}, h[:]...), 1)), "0x"+hexed, "0x"+string(mixed), bech32(oneOf(c, "bc", "tb", "ltc"), 0, h[:20], 1), bech32("bc", 0, h[:], 1), bech32("bc", 1, h[:], 0x2bc830a3))
}

// bech32 encodes as BIP 173 does; final tells its two checksums apart.
func bech32(hrp string, version byte, program []byte, final uint32) string {
	const digits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	values := []byte{version}
	acc, bits := 0, 0
	for _, b := range program {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			values = append(values, byte(acc>>(bits-5)&31))
		}
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits)&31))
	}
	var all []byte
	for _, r := range hrp {
		all = append(all, byte(r>>5))
	}
	all = append(all, 0)
	for _, r := range hrp {
		all = append(all, byte(r&31))
	}
	sum := uint32(1)
	for _, v := range append(append(all, values...), 0, 0, 0, 0, 0, 0) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	sum ^= final
	for i := range 6 {
		values = append(values, byte(sum>>(5*(5-i))&31))
	}
	s := hrp + "1"
	for _, v := range values {
		s += string(digits[v])
	}
	return s
}
