package demo

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	firstNames = []string{"Ann", "Bruno", "Chidi", "Dana", "Emre", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena"}
	lastNames  = []string{"Okafor", "Lindqvist", "Moreau", "Tanaka", "Novak", "Silva", "Haddad", "Kowalski"}
	mailHosts  = []string{"example.com", "example.org", "mail.example.net"}
	goods      = []string{"kettle", "desk lamp", "notebook", "bicycle bell", "tea towel", "head torch"}
	plans      = []string{"free", "team", "business"}
	subjects   = []string{"Where is my parcel?", "Please change my address", "The lamp does not switch on", "Invoice for last month"}
)

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

type person struct{ first, last, mail string }

func someone(r *rand.Rand) person {
	p := person{first: pick(r, firstNames), last: pick(r, lastNames)}
	p.mail = strings.ToLower(p.first) + "." + strings.ToLower(p.last) + "@" + pick(r, mailHosts)
	return p
}

// cardNumber returns a number in the range that payment networks keep for
// tests, with a correct check digit.
func cardNumber(r *rand.Rand) string {
	digits := []byte("4000" + fmt.Sprintf("%011d", r.Int64N(1e11)))
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if i%2 == 0 { // counted from the right, the check digit not yet there
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	digits = append(digits, byte('0'+(10-sum%10)%10))
	s := string(digits)
	return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:]
}

func signup(r *rand.Rand) any {
	p := someone(r)
	m := map[string]any{
		"event":  "user.signed_up",
		"user":   map[string]any{"id": r.IntN(90000) + 10000, "name": p.first + " " + p.last, "email": p.mail},
		"plan":   pick(r, plans),
		"source": map[string]any{"campaign": "autumn", "ip": fmt.Sprintf("192.0.2.%d", r.IntN(254)+1)},
	}
	if r.IntN(4) == 0 {
		m["referrer"] = someone(r).mail
	}
	return m
}

func charge(r *rand.Rand) any {
	p := someone(r)
	payment := map[string]any{"method": "card", "card_number": cardNumber(r), "expires": "11/29"}
	if r.IntN(3) == 0 {
		payment = map[string]any{"method": "invoice"}
	}
	return map[string]any{
		"invoice":  fmt.Sprintf("INV-%05d", r.IntN(100000)),
		"customer": map[string]any{"name": p.first + " " + p.last, "country": pick(r, []string{"DE", "FR", "NL", "SE"})},
		"amount":   float64(r.IntN(20000)+500) / 100,
		"currency": "EUR",
		"payment":  payment,
	}
}

func order(r *rand.Rand) any {
	var lines []any
	for range r.IntN(3) + 1 {
		lines = append(lines, map[string]any{"sku": fmt.Sprintf("SKU-%04d", r.IntN(10000)), "name": pick(r, goods), "quantity": r.IntN(4) + 1})
	}
	m := map[string]any{
		"order_id": fmt.Sprintf("O-%06d", r.IntN(1000000)),
		"lines":    lines,
		"total":    float64(r.IntN(50000)+100) / 100,
		"gift":     r.IntN(5) == 0,
	}
	if r.IntN(6) == 0 {
		delete(m, "total") // now and then a producer forgets a field
	}
	return m
}

func supportMail(r *rand.Rand) any {
	p := someone(r)
	return map[string]any{
		"ticket":  r.IntN(900000) + 100000,
		"from":    map[string]any{"name": p.first + " " + p.last, "address": p.mail},
		"subject": pick(r, subjects),
		"body":    "Hello, could you look into this today? Thank you, " + p.first,
		"cc":      []any{p.mail, "support@example.com"},
	}
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // maps of plain values always marshal
		panic(err)
	}
	return b
}
