package kernel

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// setWords gives the matchers that look for words a filter that lets all pass.
func setWords(t testing.TB) {
	t.Helper()
	load(t, []byte(`""`))
	filter, _ := place(t, []byte(strings.Repeat("\xff", 128)))
	name, _ := place(t, []byte("muslim"))
	table, _ := place(t, make([]byte, 12))
	vm.Put32(table, vm.U32(name)|0x20202020)
	vm.Put32(table+4, name)
	vm.Put32(table+8, 6)
	WordFilter, Religions, ReligionCount, wordless = filter, table, 1, 0
	digits, digitsEnd := place(t, []byte{'0', 10})
	Numerals, NumeralsLen = digits, digitsEnd-digits
}

// says runs a matcher on text twice, with other bytes behind it: they must not matter.
func says(t testing.TB, match func(uint32, ptr, ptr) bool, text string) bool {
	t.Helper()
	mark := top
	defer func() { top = mark }()
	p, e := place(t, []byte(text))
	first := match('"', p, e)
	copy(vm.Mem[e:], "0123456789@.,=+:ABC -<")
	if second := match('"', p, e); second != first {
		t.Fatalf("%q: %v, but %v with other bytes behind", text, first, second)
	}
	return first
}

// TestPublishedExamples holds the matchers to examples that the standards and
// registries themselves publish, and to what is next to them.
func TestPublishedExamples(t *testing.T) {
	setWords(t)
	for name, texts := range map[string]struct{ yes, no []string }{
		"matchSSN":   {[]string{"219-09-9999", "\u00a0219-09-9999\n"}, []string{"219-09-999", "219 09 9999", "219-09-9999x"}},
		"matchSIN":   {[]string{"046 454 286", "130-692-544"}, []string{"046 454 287", "046.454.286", "0464542860"}},
		"matchNINO":  {[]string{"QQ 12 34 56 C", "ab123456c"}, []string{"GB123456A", "gb123456a", "AB-123456-C", "AB1234567"}},
		"matchVIN":   {[]string{"1M8GDM9AXKP042788", "wba3a5g59dnp26082"}, []string{"1M8GDM9AXKP04278", "IM8GDM9AXKP042788", "0M8GDM9AXKP042788"}},
		"matchPhone": {[]string{"(415) 555-0137", "+44 20 7946 0018", "call 415.555.0137 now", "1-415-555-0137", "+33 1 23 45 67 89", "+500 12345"}, []string{"415555013", "192.168.10.55", "+7", "+999 123 4567", "12:34:56:78:90", "4a1b5c5d5e5f0g1h3i7", "+1 415 555 013"}},
		"matchIBAN":  {[]string{"GB29 NWBK 6016 1331 9268 19", "DE89370400440532013000", "NO9386011117947", "MT84MALT011000012345MTLCAST001S"}, []string{"GB29 NWBK 6016 1331 9268 18", "GB29-NWBK-6016-1331-9268-19", "GB29 NWBK60161331926819", "US64SVBKUS6S3300958879", "DE8937040044053201300"}},
		"matchSwift": {[]string{"DEUTDEFF", "deutdeff500", "NEDS-ZA-JJ"}, []string{"DEUTDEFF5", "password", "DEUTXXFF", "DEU1DEFF"}},

		"matchRouting":     {[]string{"021000021", "Routing: 011000015"}, []string{"021000022", "123456789", "990000008", "0210000211"}},
		"matchSerial":      {[]string{"490154203237518", "35-209900-176148-1", "8991101200003204514"}, []string{"490154203237519", "200000000000008"}},
		"matchFinancial":   {[]string{"US0378331005", "XS0356705219", "5493001KJTIIGC8Y1R12", "BBG000BLNNH6", "38259P508", "RF18 5390 0754 7034", ";4111111111111111=28121010000?"}, []string{"US0378331006", "5493001KJTIIGC8Y1R13", "BBG000BLNNH5", "38259P509", "RF19539007547034", "037833100"}},
		"matchHealth":      {[]string{"943 476 5919", "1234567893", "1EG4-TE5-MK73", "E11.9", "S72.001A", "BB1388568"}, []string{"943 476 5918", "1234567894", "1EG4-SE5-MK73", "e11.9", "AB1388569", "E11"}},
		"matchTaxpayer":    {[]string{"912-70-1234", "12-3456789", "529.982.247-25", "11.222.333/0001-81", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "AAAPL1234C", "51 824 753 556", "86095742719", "DE136695976", "FR40303265045", "ATU13585627"}, []string{"912-20-1234", "07-3456789", "529.982.247-26", "111.111.111-11", "12345678A", "RSSMRA85T10A562T", "AAAXL1234C", "51824753557", "DE136695977"}},
		"matchLicense":     {[]string{"MORGA657054SM9IJ", "S530-4601-1234", "MH12 20110062821", "@\n\x1e\rANSI 636026"}, []string{"MORGA699054SM9IJ", "S999-4601-1234", "XX12 20110062821", "S530460112345678901"}},
		"matchPassport":    {[]string{"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10", "L898902C36UTO7408122F1204159ZE184226B<<<<<10", "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6", "C01X00T478"}, []string{"L898902C36UTO7408122F1204159ZE184226B<<<<<11", "L898902C46UTO7408122F1204159ZE184226B<<<<<10", "C01X00T479"}},
		"matchGeolocation": {[]string{"48.2010,16.3695", "(40.6892, -74.0445)", "geo:48.2,16.3;crs=wgs84", "+27.5916+086.5640+8850CRSWGS_84/", "-33.8688+151.2093/", `40°26'46"N 79°58'56"W`, "8FVC9G8F+6X"}, []string{"48.2,16.3", "98.2010,16.3695", "48.2010;16.3695", "1.234", "8FVC9G8F+6I", `91°26'46"N 79°58'56"W`}},
		"matchCrypto": {[]string{"1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"},
			[]string{"1BoatSLRHtKNngkdXEeobR76b53LETtpyU", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"}},
		"matchEducation": {[]string{"Bachelor of Science", "Master's degree in law", "Jane Roe, Ph.D.", "MBA", "0000-0002-1825-0097", "https://orcid.org/0000-0001-5109-3700", "ada@cs.example.edu", "ada@example.ac.uk"}, []string{"Master of the house", "MA", "0000-0002-1825-0098", "ada@example.com", "mbart"}},
		"matchSignature": {[]string{"/s/ Jane Roe", "-----BEGIN PGP SIGNATURE-----", `<ds:Signature xmlns:ds="x">`}, []string{"/s/", "/s/ 1", "/src/main", "-----BEGIN CERTIFICATE-----", "<Signature >"}},
		"matchLogin":     {[]string{"https://jane:pw@host.example/", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "username=jane&password=pw", "Uid=jane;Pwd=pw"}, []string{"https://jane@host.example/", "https://host.example/a:b@c", "Basic training", "username=jane&password=", "page=1&pass=2"}},
		"matchTitle":     {[]string{"Dr. Osei", " mr. x", "Miss Doe", "MISSES"}, []string{"Missing person", "Dr", "The Dr. is in", "Mixer"}},
		"matchReligion":  {[]string{"a Muslim town", "MUSLIM"}, []string{"a town", "musli"}},
		"matchAddress":   {[]string{"90210", "90210-1234", "K1A 0B1", "902101234"}, []string{"9021", "90210-123", "K1A-0B1", "11A0B1"}},
	} {
		match := piiMatchers[name]
		for _, text := range texts.yes {
			if !says(t, match, text) {
				t.Errorf("%s does not match %q", name, text)
			}
			if name != "matchAddress" && !says(t, matchAny, text) {
				t.Errorf("matchAny does not match %q", text)
			}
		}
		for _, text := range texts.no {
			if says(t, match, text) {
				t.Errorf("%s matches %q", name, text)
			}
		}
	}
}

// TestCredentials makes tokens as they are needed: no secret stands in the source.
func TestCredentials(t *testing.T) {
	setWords(t)
	of := strings.Repeat
	const jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
	for name, texts := range map[string]struct{ yes, no []string }{
		"matchAWSKey":     {[]string{"AK" + "IA" + of("Q", 16), "as" + "ia" + of("q", 16)}, []string{"AK" + "IA" + of("Q", 15), "AK" + "IB" + of("Q", 16)}},
		"matchRSAKey":     {[]string{"-----BEGIN " + "RSA PRIVATE KEY-----", "\n----- BEGIN " + "PRIVATE KEY-----"}, []string{"-----BEGIN PUBLIC KEY-----", "----BEGIN RSA"}},
		"matchSlack":      {[]string{"xo" + "xb-1", " XO" + "XP-1"}, []string{"xo" + "xr-1", "xo" + "xb"}},
		"matchStripe":     {[]string{"sk_" + "live_1"}, []string{"sk_" + "test_1", " sk_" + "live_1"}},
		"matchGithub":     {[]string{"gh" + "p_" + of("a", 36), "github_" + "pat_" + of("a", 82), "github_" + "pat_" + of("a", 67)}, []string{"gh" + "p_" + of("a", 35), "gh" + "o_" + of("a", 36)}},
		"matchDatabricks": {[]string{"da" + "pi" + of("0f", 16), "da" + "pi" + of("0f", 16) + "-2", "da" + "pi" + of("!", 36)}, []string{"da" + "pi" + of("0g", 16), "da" + "pi" + of("0", 33)}},
		"matchSendgrid":   {[]string{"S" + "G." + of("a", 66)}, []string{"S" + "G." + of("a", 65)}},
		"matchBraintree":  {[]string{"access_" + "token$x"}, []string{"access_" + "token"}},
		"matchMWS":        {[]string{"amzn." + "mws.1"}, []string{"amzn-" + "mws.1"}},
		"matchDocker":     {[]string{"SWM" + "TKN-1"}, []string{"SWM" + "TKN_1"}},
		"matchAzureSQL":   {[]string{"Server=a;User ID=b;Password=c"}, []string{"Server=a;User ID=b", "x;Server=a;User ID=b;Password=c"}},
		"matchBearer":     {[]string{"Bearer x", "Authorization: Bearer x"}, []string{"Bearer ", "bearer x"}},
		"matchJWT": {[]string{jwt + ".e30.c2ln", jwt + ".!!.??", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2ln", "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.c2ln"},
			[]string{jwt + ".e30", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.!!.??", "eyJ" + of("a", 2000) + ".e30.c2ln"}},
	} {
		for _, text := range texts.yes {
			if !says(t, piiMatchers[name], text) || !says(t, matchAny, text) {
				t.Errorf("%s or matchAny does not match %.60q", name, text)
			}
		}
		for _, text := range texts.no {
			if says(t, piiMatchers[name], text) {
				t.Errorf("%s matches %.60q", name, text)
			}
		}
	}
}

// checkAnyIsAll holds that matchAny is all the matchers that it stands for.
func checkAnyIsAll(t *testing.T, text string) {
	if !utf8.ValidString(text) || len(text) > 1<<12 {
		return
	}
	want := ""
	for _, name := range slices.Sorted(maps.Keys(piiMatchers)) {
		if name != "matchAny" && name != "matchAddress" && says(t, piiMatchers[name], text) {
			want = name
		}
	}
	if says(t, matchCard, text) || says(t, matchEmail, text) {
		want = "matchCard or matchEmail"
	}
	if got := says(t, matchAny, text); got != (want != "") {
		t.Errorf("%q: matchAny says %v, others %q", text, got, want)
	}
}

func FuzzPersonalData(f *testing.F) {
	setWords(f)
	for _, seed := range []string{
		"", " ", "a", "-", "4111 1111 1111 1111", "ada@example.org", "+44 20 7946 0018", "GB29 NWBK 6016 1331 9268 19", "RF18539007547034", "P<UTO", "8FVC9G8F+6X", "40°26'46\"N 79°58'56\"W",
		"https://a:b@c", "a=b&password=c", "/s/ A", "MIAGCSqGSIb3DQEHA", "eyJ.e.e", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "RSSMRA85T10A562S",
		"E11.9", "-33.8688+151.2093/", "geo:1,2", "\u2003Dr. A\u00a0", "Basic YTpi", "a, Ph.D.", "%B4111111111111111^A/B^", "0000-0002-1825-0097", "Bachelor of Arts", "@\n\x1e\rANSI ",
	} {
		f.Add(seed)
	}
	f.Fuzz(checkAnyIsAll)
}
