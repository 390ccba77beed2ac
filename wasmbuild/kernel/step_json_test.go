package kernel

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// blockSeeds are cases whose trouble is where tokens meet.
var blockSeeds = []string{
	`{"a":[{},[],[[]],{"b":{}}]}`, `{"a":{}"b":1}`, `{"a":{}:1}`, `{"a":1:2}`, `{"a","b":1}`, `{"a":1,"b"}`, `{"a"}`, `{"a":}`, `{:1}`, `{"a"::1}`, `{"a":,}`,
	`{1:2}`, `{ 1 : 2 }`, `{true:1}`, `{[]:1}`, `{{}:1}`, `{"a":1,[1]}`, `{"a":1,{}}`, `{"a":[1],"b"}`, `{"a":[1] "b":2}`, `["a":1]`, `[1:2]`, `["a" "b"]`, `[1"a"]`,
	`["a"1]`, `[1[2]]`, `[[1]2]`, `[1{}]`, `[{}1]`, `[true false]`, `[truefalse]`, `[true"a"]`, `[nul]`, `[nulll]`, `[falsy]`, `[tru]`, `[fals]`, `[t]`, `[]]`, `[[]`, `[}`, `{]`,
	`{"a":[}`, `[{]}`, `[1,2,,3]`, `[,]`, `[1,]`, `{,}`, `{"a":1,}`, `{"a":1,,"b":2}`, `[00]`, `[01]`, `[-]`, `[-01]`, `[0.0]`, `[0.]`, `[.0]`, `[1.2.3]`, `[1e5]`, `[1E+05]`,
	`[1e]`, `[1.5e-3]`, `[123456789012345678901234567890]`, `[0.123456789012345678]`, `[-0]`, `[--1]`, `[+1]`, `[1-2]`, `[1a]`, `[Y]`, `[_]`, `[y]`, "[\x7f]", `[\n]`, `[\"]`, `["\""]`,
	`["\\"]`, `["\\\""]`, `["\x"]`, `["\u12G4"]`, `["\u1234"]`, `["\`, "[\"\x01\"]", "[\n\t\r 1\n,\n2 ]\n", "[\x01]", "[\x0b1]", "[1]\x00", `[1]x`, `[1] ]`, `[1],`, `{}{}`, ` {} `, `"a`, `[`, ` `,
	"[\"\u00e9\"]", "[\u00e9]", `[1 ,2 , 3]`, `[1 2]`, `{"a" :1}`, `{"a" 1}`, `{"a" : {} , "b" : [ ] }`, `[ { } , ]`, `[ ,1]`, `["a" , ]`, `[/**/]`,
}

// checkDocument compares both checks with encoding/json.
func checkDocument(t *testing.T, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	load(t, text)
	want := validJSON(pay, end)
	if bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) < 9000 { // encoding/json stops at 10,000 levels
		if standard := json.Valid(text); standard != want {
			t.Fatalf("validJSON(%q) = %v, want %v", text, want, standard)
		}
	}
	load(t, text)
	before := top
	if got := validDocument(pay, end); got != want {
		t.Fatalf("validDocument(%q) = %v, want %v", text, got, want)
	}
	if top != before {
		t.Fatal("validDocument keeps memory")
	}
}

// TestDocumentAtEveryPlace moves each case over the border between two blocks.
func TestDocumentAtEveryPlace(t *testing.T) {
	for _, seed := range append(blockSeeds, validitySeeds...) {
		checkDocument(t, []byte(seed))
		for n := 0; n < 72; n++ {
			checkDocument(t, []byte(strings.Repeat(" ", n)+seed))
			checkDocument(t, []byte(`["`+strings.Repeat("x", n)+`",`+seed+`]`))
			checkDocument(t, []byte(`{"`+strings.Repeat("x", n)+`":`+seed+`,"z":[0]}`))
			checkDocument(t, []byte(`[`+strings.Repeat("7", n+1)+`,`+seed+`]`))
		}
	}
}

// TestDamagedDocument changes each byte of a document to each other of a few.
func TestDamagedDocument(t *testing.T) {
	text := []byte(`{"id":"ord-1","lines":[{"q":2,"p":129.95,"g":false,"n":null,"t":"a \"b\" \\"},{}],"e":[],"x":-1.5e+3,"a":[0,10,[true]]}`)
	for i := range text {
		for _, c := range []byte("{}[],:\" \n\\0a-.et\x01\x80") {
			damaged := bytes.Clone(text)
			damaged[i] = c
			checkDocument(t, damaged)
			checkDocument(t, append(damaged[:i:i], text[i+1:]...)) // or leaves it out
		}
	}
}

func TestDeepDocument(t *testing.T) {
	const n = 300_000
	for text, want := range map[string]bool{
		strings.Repeat("[", n) + strings.Repeat("]", n):                      true,
		strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n):            true,
		strings.Repeat(`[{"a":`, n) + "1" + strings.Repeat("}]", n):          true,
		strings.Repeat(`[{"a":`, n) + "1" + strings.Repeat("}]", n-1) + "]}": false,
		strings.Repeat("[", n):  false,
		strings.Repeat("]}", n): false,
	} {
		load(t, []byte(text))
		if got := validDocument(pay, end); got != want {
			t.Errorf("%.20s...: got %v, want %v", text, got, want)
		}
	}
	for depth := 60; depth < 200; depth++ { // where the newest levels are put aside
		checkDocument(t, []byte(strings.Repeat(`[{"a":`, depth)+"1"+strings.Repeat("}]", depth)))
		checkDocument(t, []byte(strings.Repeat(`[{"a":`, depth)+"1"+strings.Repeat("}]", depth-60)+"]"+strings.Repeat("}]", 60)))
	}
}

// TestRandomTokens strings tokens together, most of them where they may be.
func TestRandomTokens(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	tokens := []string{"{", "}", "[", "]", ",", ":", `"a"`, `"a":`, "1", "-2.5", "true", "null", " ", "\n", `"\u00e9\""`, "0", "{}", "[]", `,"b":`, "00", "x"}
	for range 20_000 {
		var b bytes.Buffer
		b.WriteByte('[')
		for range random.IntN(40) {
			b.WriteString(tokens[random.IntN(len(tokens))])
		}
		b.WriteByte(']')
		checkDocument(t, b.Bytes())
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range append(blockSeeds, validitySeeds...) {
		f.Add([]byte(seed))
		f.Add([]byte(strings.Repeat(" ", 60) + seed))
	}
	f.Fuzz(checkDocument)
}
