package wasmbuild

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sheet says what a detector of personal data looks for.
type sheet struct {
	name       string // the type's name, without DETECTIVE_TYPE_
	definition string
	source     string
	checksum   bool // a changed digit must not pass
	loose      bool // too many everyday values pass: not part of PII_ANY
}

func (s sheet) inAny() bool { return !s.loose }

// sheets are the value types, in the order of docs/detectors.md.
var sheets = []sheet{
	{name: "PII_EMAIL", definition: "one `@`, something before it, a domain of two or more labels after it, also an internationalised one", source: "RFC 5321, UTS 46"},
	{name: "PII_PHONE", definition: "ten digits; eleven that start with 1; or `+`, a country code and 7 to 15 digits in all. Text may stand around, and spaces and `-./()` within", source: "ITU-T E.164 and its list of country codes"},
	{name: "PII_ADDRESS", definition: "a postal code: five or nine digits, ZIP+4, or Canada's `A1A 1A1`. Any number of five digits is one, so keep it to paths that hold addresses", source: "USPS, Canada Post", loose: true},
	{name: "PII_TITLE", definition: "text that starts with `Mr.` `Mrs.` `Ms.` `Dr.` `Prof.` `Rev.` `Fr.` `Sr.` `Br.`, or with the word Mister, Miss or Misses", source: "the list is the type's definition"},
	{name: "PII_RELIGION", definition: "text that contains the name of a religion or of those who follow it, also within a word", source: "the list is the type's definition"},
	{name: "PII_EDUCATION", definition: "an academic degree spelled out (`Bachelor of Science`, `master's degree`), or in short form as the whole value or after a comma (`…, Ph.D.`); an ORCID iD; an e-mail address below `.edu`, `.edu.CC` or `.ac.CC`", source: "34 CFR 99.3 (degrees received), ISO 7064 MOD 11-2 (ORCID), EDUCAUSE's rules for .edu"},
	{name: "PII_GEOLOCATION", definition: "latitude and longitude: decimal degrees with three decimals or more and a comma between; ISO 6709 in one string or with °, ′ and ″; a geo URI; a full plus code", source: "ISO 6709, RFC 5870, Open Location Code"},
	{name: "PII_SIGNATURE", definition: "`/s/` and a name; an OpenPGP, CMS, SSH or XML signature in its usual armour, or CMS signed data in base64", source: "17 CFR 232.302, RFC 9580, RFC 5652, XMLDSig"},
	{name: "PII_LOGIN", definition: "a URL with a user and a password; credentials of the Basic scheme; names and values among which are a user's and a password", source: "RFC 3986 3.2.1, RFC 7617, RFC 6749 4.3"},
	{name: "PII_SSN", definition: "`ddd-dd-dddd`", source: "US Social Security Administration"},
	{name: "CANADA_SIN", definition: "nine digits with a check digit, hyphens and spaces anywhere", source: "Service Canada; ISO/IEC 7812 (Luhn)", checksum: true},
	{name: "UK_INSURANCE_NUMBER", definition: "two letters, six digits, a letter; not with the pairs BG GB KN NK NT TN ZZ", source: "GOV.UK, NIM39110"},
	{name: "PII_TAXPAYER_ID", definition: "US ITIN, ATIN and EIN (with hyphens, from the ranges that the IRS gives out), Brazil's CPF and CNPJ, Germany's IdNr, Italy's codice fiscale, Spain's NIF and NIE, India's PAN, Australia's ABN, and EU VAT numbers with their country's code (AT BE DE DK EL ES FI FR HU IT LU NL PL PT SE SI). All but the American and Indian ones have check digits", source: "IRS Publications 1635 and 1915, Receita Federal, BZSt, Agenzia delle Entrate, Agencia Tributaria, Income Tax Department of India, ABR, the EU's VIES"},
	{name: "PII_DRIVER_LICENSE", definition: "numbers that are made of the holder's name and date of birth: Great Britain (16 characters), Illinois, Florida, Maryland, Michigan, Minnesota and Wisconsin (Soundex), New Jersey, Ontario and Quebec (date of birth); India; and the text of the barcode on North American licences. Numbers without structure (California, New York, Texas …) cannot be told from others", source: "DVLA INF45, the states' published formats, AAMVA DL/ID Card Design Standard, India's Sarathi format"},
	{name: "PII_PASSPORT_ID", definition: "a machine-readable zone (two lines of 44 or 36, three of 30 characters, or the line with the number alone) with all its check digits; a German passport's number with its check digit", source: "ICAO Doc 9303, parts 3 to 6; German PassV", checksum: true},
	{name: "PII_VIN_NUMBER", definition: "17 letters and digits without I, O and Q, not starting with 0. The check digit is North American only and not asked for", source: "ISO 3779"},
	{name: "PII_SERIAL_NUMBER", definition: "IMEI of a mobile device: 15 digits, a reporting body in use, a check digit; ICCID of a SIM card: 19 or 20 digits that start with 89, a check digit", source: "3GPP TS 23.003, GSMA TS.06, ITU-T E.118", checksum: true},
	{name: "PII_HEALTH", definition: "NHS number, US National Provider Identifier (as text), DEA number, all with check digits; Medicare Beneficiary Identifier; ICD-10 code with a subcategory (`E11.9`)", source: "NHS Data Dictionary, 45 CFR 162.406, 21 CFR 1301, CMS MBI format, WHO ICD-10"},
	{name: "PII_CREDIT_CARD", definition: "13 to 19 digits with a check digit, hyphens and spaces anywhere", source: "ISO/IEC 7812", checksum: true},
	{name: "PII_IBAN", definition: "an account number with its country's form and check digits, in one piece or in groups of four", source: "ISO 13616 and SWIFT's IBAN registry", checksum: true},
	{name: "PII_SWIFT_BIC", definition: "8 or 11 letters and digits: a bank, a country of ISO 3166, a place, maybe a branch. Some words of eight letters are formed so", source: "ISO 9362, ISO 3166-1"},
	{name: "PII_BANK_ROUTING_NUMBER", definition: "nine digits in all, of a Federal Reserve district, with a check digit. Other characters are not looked at", source: "American Bankers Association", checksum: true},
	{name: "PII_FINANCIAL", definition: "ISIN, LEI, FIGI and CUSIP (one with letters), ISO 11649 creditor reference, and tracks 1 and 2 of a payment card's magnetic stripe, all with check digits", source: "ISO 6166, ISO 17442, OMG FIGI, ANSI X9.6, ISO 11649, ISO/IEC 7813"},
	{name: "PII_CRYPTO_ADDRESS", definition: "Base58Check addresses and private keys of Bitcoin and its kin, Bech32 and Bech32m addresses, Ethereum addresses (with EIP-55's checksum where letters are of both cases)", source: "BIP 13, 173 and 350, EIP-55"},
	{name: "PII_AWS_KEY_ID", definition: "20 characters that start with a known prefix (`AKIA`, `ASIA`, …)", source: "AWS IAM identifiers"},
	{name: "PII_AWS_MWS_AUTH_TOKEN", definition: "starts with `amzn.mws.`", source: "Amazon MWS"},
	{name: "PII_RSA_KEY", definition: "starts as a PEM private key (PKCS #1, PKCS #8, encrypted) or a PGP block", source: "RFC 7468, RFC 9580"},
	{name: "PII_SLACK_TOKEN", definition: "starts with `xapp-`, `xoxa-`, `xoxb-` or `xoxp-`", source: "Slack"},
	{name: "PII_STRIPE_KEY", definition: "starts with `sk_live_`", source: "Stripe"},
	{name: "PII_GITHUB_PAT", definition: "`ghp_` and 40 characters in all, or `github_pat_` and 93 (78 in its first months)", source: "GitHub"},
	{name: "PII_BRAINTREE_ACCESS_TOKEN", definition: "starts with `access_token$`", source: "Braintree"},
	{name: "PII_DATABRICKS_PAT", definition: "`dapi` and 32 hex digits, maybe a version; or 40 characters in all", source: "Databricks"},
	{name: "PII_SENDGRID_KEY", definition: "69 characters that start with `SG.`", source: "Twilio SendGrid"},
	{name: "PII_AZURE_SQL_CONN_STRING", definition: "starts with `Server=` and has `User ID=` and `Password=`", source: "Microsoft Azure SQL"},
	{name: "PII_JWT", definition: "three parts; the first is an encoded JSON object with `alg`, and with `typ` or `kid`", source: "RFC 7519, RFC 7515"},
	{name: "PII_DOCKER_SWARM_TOKEN", definition: "starts with `SWMTKN-` or `SWMKEY-`", source: "Docker"},
	{name: "PII_BEARER_TOKEN", definition: "`Bearer ` and a token, with or without `Authorization: ` before", source: "RFC 6750"},
}

// detectorsDoc is docs/detectors.md.
func detectorsDoc(results map[string]quality, values int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Detectors of personal data

What each type finds, by which definition, and how well. The figures are measured by a test, which writes this page:
go test ./wasmbuild -run DetectorQuality -update-detectors

- *Found*: share of valid values that the detector finds. They are made by the test's own generators, by libphonenumber's
  examples of every region and by python-stdnum; none belongs to anybody.
- *Near misses*: share of the same values that still pass with one digit changed. A type with check digits should let few
  pass, one without lets most.
- *False*: share of %d everyday values that the detector takes for one: %d kinds, from words and sentences to times, hashes,
  identifiers, prices and article numbers, %d of each. Behind it are the kinds that it mistakes most often.

Promised for every type of this table: at least %.0f %% found. Promised for every type that PII_ANY has: at most %.0f %% false.
PII_ANY is exactly the types marked so, together. Every type works by path, on the elements of arrays, over the whole
payload, and negated.

| type | finds | defined by | samples | found | near misses | false | in PII_ANY |
|---|---|---|---|---|---|---|---|
`, values, len(everyday), everydayPerKind, 100*minRecall, 100*maxFalse)
	for _, s := range sheets {
		q := results[s.name]
		in := "yes"
		if !s.inAny() {
			in = "no"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d | %s | %s | %s | %s |\n", s.name, s.definition, s.source, q.samples, share(q.recall, q.samples), share(q.nearHits, q.near),
			share(q.falseHits, values)+q.mostFalse(), in)
	}
	b.WriteString(`
PII_ANY reports its matches as PII_ANY. To know which kind a value is of, use that kind's own type.

## What to expect

- A number without check digits or separators cannot be told from another number. Types that rest on digits alone (PHONE,
  ADDRESS) are best used with a path.
- One check digit lets every tenth random number pass. CREDIT_CARD, CANADA_SIN, BANK_ROUTING_NUMBER and parts of HEALTH have
  only one: times in milliseconds have as many digits as some cards.
- Types of credentials look at the start and, where it is fixed, the length, so that new forms of the rest are found too.
`)
	return b.String()
}

// mostFalse names the two kinds of everyday values that are mistaken most often.
func (q quality) mostFalse() string {
	kinds := slices.SortedFunc(maps.Keys(q.falseKinds), func(a, b string) int {
		return cmp.Or(q.falseKinds[b]-q.falseKinds[a], strings.Compare(a, b))
	})
	if len(kinds) == 0 {
		return ""
	}
	return " (" + strings.Join(kinds[:min(2, len(kinds))], ", ") + ")"
}

func share(n, of int) string {
	return strings.TrimSuffix(fmt.Sprintf("%.2f", 100*float64(n)/float64(max(of, 1))), ".00") + " %"
}
