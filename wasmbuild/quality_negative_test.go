package wasmbuild

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// everyday makes one value of each kind that messages are full of and that is
// nobody's personal data. A value is a JSON text.
var everyday = map[string]func(*corpus) string{
	"word":            func(c *corpus) string { return literal(c.word()) },
	"Word":            func(c *corpus) string { return literal(c.title()) },
	"WORD":            func(c *corpus) string { return literal(strings.ToUpper(c.word())) },
	"two words":       func(c *corpus) string { return literal(c.word() + " " + c.word()) },
	"sentence":        func(c *corpus) string { return literal(c.sentence(6 + c.IntN(10))) },
	"paragraph":       func(c *corpus) string { return literal(c.sentence(20) + " " + c.sentence(25) + " " + c.sentence(15)) },
	"sentence, count": func(c *corpus) string { return literal(c.title() + " " + c.digits(1+c.IntN(5)) + " " + c.sentence(5)) },
	"name":            func(c *corpus) string { return literal(c.title() + " " + c.title()) },
	"company": func(c *corpus) string {
		return literal(c.title() + " " + c.title() + oneOf(c, " Inc.", " GmbH", " Ltd", " Corp", " & Co"))
	},
	"CONSTANT":       func(c *corpus) string { return literal(strings.ToUpper(c.word() + "_" + c.word())) },
	"snake_case":     func(c *corpus) string { return literal(c.word() + "_" + c.word() + "_" + c.word()) },
	"dotted.name":    func(c *corpus) string { return literal("com." + c.word() + "." + c.word() + "." + c.title()) },
	"small number":   func(c *corpus) string { return c.number(1 + c.IntN(4)) },
	"number":         func(c *corpus) string { return c.number(1 + c.IntN(12)) },
	"id":             func(c *corpus) string { return c.number(6 + c.IntN(14)) },
	"id in a string": func(c *corpus) string { return literal(c.number(4 + c.IntN(14))) },
	"decimal":        func(c *corpus) string { return strconv.FormatFloat(c.NormFloat64()*1000, 'f', c.IntN(7), 64) },
	"float":          func(c *corpus) string { return strconv.FormatFloat(c.Float64(), 'g', -1, 64) },
	"price": func(c *corpus) string {
		return literal(fmt.Sprintf("%s%d.%02d", oneOf(c, "$", "€", "£", "USD "), c.IntN(5000), c.IntN(100)))
	},
	"percent":     func(c *corpus) string { return literal(fmt.Sprintf("%.1f%%", c.Float64()*100)) },
	"boolean":     func(c *corpus) string { return oneOf(c, "true", "false") },
	"uuid":        func(c *corpus) string { return literal(c.uuid()) },
	"UUID":        func(c *corpus) string { return literal(strings.ToUpper(c.uuid())) },
	"ulid":        func(c *corpus) string { return literal("01J" + c.from("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)) },
	"nano id":     func(c *corpus) string { return literal(c.from(letters64, 21)) },
	"time":        func(c *corpus) string { return literal(c.time().Format(time.RFC3339Nano)) },
	"time, plain": func(c *corpus) string { return literal(c.time().Format(time.DateTime)) },
	"date": func(c *corpus) string {
		return literal(c.time().Format(oneOf(c, time.DateOnly, "02.01.2006", "01/02/2006", "20060102")))
	},
	"unix time":       func(c *corpus) string { return strconv.FormatInt(c.time().Unix(), 10) },
	"unix time, text": func(c *corpus) string { return literal(strconv.FormatInt(c.time().Unix(), 10)) },
	"unix ms":         func(c *corpus) string { return strconv.FormatInt(c.time().UnixMilli(), 10) },
	"unix ns":         func(c *corpus) string { return strconv.FormatInt(c.time().UnixNano(), 10) },
	"duration":        func(c *corpus) string { return literal(time.Duration(c.Int64N(1e14)).String()) },
	"md5":             func(c *corpus) string { h := md5.Sum([]byte(c.uuid())); return literal(hex.EncodeToString(h[:])) },
	"sha256":          func(c *corpus) string { h := sha256.Sum256([]byte(c.uuid())); return literal(hex.EncodeToString(h[:])) },
	"base64": func(c *corpus) string {
		return literal(base64.StdEncoding.EncodeToString([]byte(c.sentence(3 + c.IntN(8)))))
	},
	"version": func(c *corpus) string {
		return literal(fmt.Sprintf("%s%d.%d.%d", oneOf(c, "", "v"), c.IntN(20), c.IntN(40), c.IntN(100)))
	},
	"ipv4": func(c *corpus) string {
		return literal(netip.AddrFrom4([4]byte{byte(c.IntN(256)), byte(c.IntN(256)), byte(c.IntN(256)), byte(c.IntN(256))}).String())
	},
	"ipv6": func(c *corpus) string { return literal(fmt.Sprintf("2001:db8::%x:%x", c.IntN(65536), c.IntN(65536))) },
	"mac": func(c *corpus) string {
		return literal(fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", c.IntN(256), c.IntN(256), c.IntN(256), c.IntN(256), c.IntN(256)))
	},
	"url": func(c *corpus) string {
		return literal(fmt.Sprintf("https://%s.example/%s/%d?%s=%s", c.word(), c.word(), c.IntN(1e6), c.word(), c.word()))
	},
	"host": func(c *corpus) string {
		return literal(fmt.Sprintf("%s-%d.%s.internal", c.word(), c.IntN(100), c.word()))
	},
	"host:port": func(c *corpus) string { return literal(fmt.Sprintf("%s:%d", c.word(), c.IntN(65536))) },
	"path": func(c *corpus) string {
		return literal(fmt.Sprintf("/%s/%s/%s.%s", c.word(), c.word(), c.word(), oneOf(c, "go", "json", "txt", "log")))
	},
	"file": func(c *corpus) string {
		return literal(fmt.Sprintf("%s%02d.%s", c.word(), c.IntN(100), oneOf(c, "png", "csv", "xml", "pdf")))
	},
	"article number": func(c *corpus) string {
		return literal(c.shape(oneOf(c, "AA-9999", "AAA-99999", "A9999999", "999-AA-999", "A9A9-A9A9", "AAAA9999", "SKU-999999", "99999-AA")))
	},
	"order number": func(c *corpus) string {
		return literal(c.shape(oneOf(c, "ord-99999", "INV-2026-999999", "#999999", "PO9999999", "T-99999999", "2026-99999")))
	},
	"barcode": func(c *corpus) string { return literal(c.ean()) },
	"colour":  func(c *corpus) string { return literal("#" + c.from("0123456789abcdef", 6)) },
	"locale": func(c *corpus) string {
		return literal(oneOf(c, "en", "de", "pt") + "-" + oneOf(c, "US", "GB", "BR", "DE"))
	},
	"currency": func(c *corpus) string { return literal(oneOf(c, "USD", "EUR", "GBP", "JPY", "CHF")) },
	"mime type": func(c *corpus) string {
		return literal(oneOf(c, "application/json", "text/html; charset=utf-8", "image/png", "multipart/form-data"))
	},
	"user agent": func(c *corpus) string {
		return literal(fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0", c.IntN(140), c.IntN(140)))
	},
	"request line": func(c *corpus) string {
		return literal(fmt.Sprintf("%s /%s/%d HTTP/1.1", oneOf(c, "GET", "POST", "PUT"), c.word(), c.IntN(1e5)))
	},
	"log line": func(c *corpus) string {
		return literal(fmt.Sprintf("level=%s msg=%q took=%dms id=%d", oneOf(c, "info", "warn", "error"), c.sentence(4), c.IntN(5000), c.IntN(1e6)))
	},
	"key=value": func(c *corpus) string {
		return literal(fmt.Sprintf("%s=%s;%s=%d", c.word(), c.word(), c.word(), c.IntN(1000)))
	},
	"size": func(c *corpus) string {
		return literal(fmt.Sprintf("%dx%d%s", c.IntN(4000), c.IntN(3000), oneOf(c, "", "px", "mm")))
	},
	"list": func(c *corpus) string {
		return literal(fmt.Sprintf("%d, %d, %d", c.IntN(100), c.IntN(100), c.IntN(100)))
	},
	"port": func(c *corpus) string { return strconv.Itoa(32768 + c.IntN(28232)) },
	"cron": func(c *corpus) string { return literal(fmt.Sprintf("%d %d * * %d", c.IntN(60), c.IntN(24), c.IntN(7))) },
}

const letters64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// corpus makes values at random, the same ones each time.
type corpus struct {
	*rand.Rand
	words []string
}

func newCorpus(t testing.TB, seed uint64) *corpus {
	t.Helper()
	text, err := os.ReadFile("testdata/quality/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	return &corpus{rand.New(rand.NewPCG(seed, 1)), strings.Fields(string(text))}
}

func (c *corpus) word() string  { return c.words[c.IntN(len(c.words))] }
func (c *corpus) title() string { w := c.word(); return strings.ToUpper(w[:1]) + w[1:] }

func (c *corpus) sentence(n int) string {
	s := make([]string, n)
	for i := range s {
		s[i] = c.word()
		if c.IntN(8) == 0 && i < n-1 {
			s[i] += ","
		}
	}
	s[0] = strings.ToUpper(s[0][:1]) + s[0][1:]
	return strings.Join(s, " ") + "."
}

// from is n characters of an alphabet.
func (c *corpus) from(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[c.IntN(len(alphabet))]
	}
	return string(b)
}

func (c *corpus) digits(n int) string { return c.from("0123456789", n) }

// number has n digits and no zero first.
func (c *corpus) number(n int) string { return c.from("123456789", 1) + c.digits(n-1) }

// shape replaces each 9 by a digit and each A by a letter.
func (c *corpus) shape(form string) string {
	b := []byte(form)
	for i := range b {
		switch b[i] {
		case '9':
			b[i] = c.digits(1)[0]
		case 'A':
			b[i] = c.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1)[0]
		}
	}
	return string(b)
}

func (c *corpus) uuid() string {
	h := c.from("0123456789abcdef", 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

func (c *corpus) time() time.Time { return time.Unix(1_500_000_000+c.Int64N(4e8), c.Int64N(1e9)).UTC() }

// ean is a product's number with its check digit.
func (c *corpus) ean() string {
	s := c.number(12)
	sum := 0
	for i, d := range s {
		sum += int(d-'0') * (1 + i%2*2)
	}
	return s + strconv.Itoa((10-sum%10)%10)
}

func oneOf[T any](c *corpus, list ...T) T { return list[c.IntN(len(list))] }

func literal(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
