package wasmbuild

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"

	"github.com/streamdal/streamdal-server/api/pb/steps"
)

// piiDetectors are the types that look for personal data and credentials.
var piiDetectors = map[steps.DetectiveType]detector{
	steps.DetectiveType_DETECTIVE_TYPE_PII_ANY: {match: "matchAny", prepare: prepareAny},

	steps.DetectiveType_DETECTIVE_TYPE_PII_SSN:                    {match: "matchSSN", sparse: "candidateNine"},
	steps.DetectiveType_DETECTIVE_TYPE_CANADA_SIN:                 {match: "matchSIN", sparse: "candidateNine"},
	steps.DetectiveType_DETECTIVE_TYPE_UK_INSURANCE_NUMBER:        {match: "matchNINO"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_PHONE:                  {match: "matchPhone"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_DRIVER_LICENSE:         {match: "matchLicense"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_PASSPORT_ID:            {match: "matchPassport"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_VIN_NUMBER:             {match: "matchVIN"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_SERIAL_NUMBER:          {match: "matchSerial", sparse: "candidateCard"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_LOGIN:                  {match: "matchLogin"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_TAXPAYER_ID:            {match: "matchTaxpayer"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_ADDRESS:                {match: "matchAddress", prepare: prepareNumerals},
	steps.DetectiveType_DETECTIVE_TYPE_PII_SIGNATURE:              {match: "matchSignature"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_GEOLOCATION:            {match: "matchGeolocation"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_EDUCATION:              {match: "matchEducation", prepare: prepareWords(degreeWords...)},
	steps.DetectiveType_DETECTIVE_TYPE_PII_FINANCIAL:              {match: "matchFinancial"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_HEALTH:                 {match: "matchHealth"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_IBAN:                   {match: "matchIBAN"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_SWIFT_BIC:              {match: "matchSwift"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_BANK_ROUTING_NUMBER:    {match: "matchRouting"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_CRYPTO_ADDRESS:         {match: "matchCrypto"},
	steps.DetectiveType_DETECTIVE_TYPE_PII_TITLE:                  startsWith("matchTitle", "mr.", "mrs.", "ms.", "dr.", "prof.", "rev.", "fr.", "sr.", "br.", "mist", "miss"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_RELIGION:               startsWith("matchReligion", religions()...),
	steps.DetectiveType_DETECTIVE_TYPE_PII_AWS_KEY_ID:             startsWith("matchAWSKey", "abia", "acca", "agpa", "aida", "aipa", "akia", "anpa", "anva", "apka", "aroa", "asca", "asia"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_RSA_KEY:                startsWith("matchRSAKey", "-----"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_SLACK_TOKEN:            startsWith("matchSlack", "xapp", "xoxa", "xoxb", "xoxp"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_STRIPE_KEY:             startsWith("matchStripe", "sk_live_"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_GITHUB_PAT:             startsWith("matchGithub", "ghp_", "github_pat_"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_BRAINTREE_ACCESS_TOKEN: startsWith("matchBraintree", "access_token$"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_AWS_MWS_AUTH_TOKEN:     startsWith("matchMWS", "amzn.mws."),
	steps.DetectiveType_DETECTIVE_TYPE_PII_DATABRICKS_PAT:         startsWith("matchDatabricks", "dapi"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_SENDGRID_KEY:           startsWith("matchSendgrid", "sg."),
	steps.DetectiveType_DETECTIVE_TYPE_PII_AZURE_SQL_CONN_STRING:  startsWith("matchAzureSQL", "server="),
	steps.DetectiveType_DETECTIVE_TYPE_PII_JWT:                    startsWith("matchJWT", "ey"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_DOCKER_SWARM_TOKEN:     startsWith("matchDocker", "swmt", "swmk"),
	steps.DetectiveType_DETECTIVE_TYPE_PII_BEARER_TOKEN:           startsWith("matchBearer", "bearer ", "authorization: bearer"),
}

// setReligions lays out the names and what tells them apart quickly.
func setReligions(r *rule) {
	var table []uint32
	for _, name := range religions() {
		four := binary.LittleEndian.Uint32([]byte(name)) | 0x20202020
		table = append(table, four, r.data.String(name), uint32(len(name)))
	}
	r.set["Religions"], r.set["ReligionCount"] = r.data.U32(table...), uint32(len(table)/3)
}

// religionNames are the words of RELIGION, which it finds also within others.
const religionNames = "buddhism|buddhist|christian|islam|muslim|sunni|shia|shiite|ismailism|hindu|sikhism|judaism|bahá'í|bahai|shinto|taoism|taoist|" +
	"confucianism|catholic|protestant|orthodox|anglican|lutheran|calvinism|calvinist|methodism|methodist|presbyterian"

func religions() []string { return strings.Split(religionNames, "|") }

// degreeWords start the names of academic degrees.
var degreeWords = []string{"bachelor", "master", "doctor", "associate"}

// startsWith is a detector of text in which one of the words occurs, usually at its start.
func startsWith(match string, words ...string) detector {
	return detector{match: match, sparse: "candidateWord", prepare: prepareWords(words...)}
}

// prepareWords gives the rule what it finds the words by.
func prepareWords(words ...string) func(*rule, *steps.DetectiveStep) string {
	return func(r *rule, _ *steps.DetectiveStep) string {
		r.set["WordFilter"] = r.data.Bytes(wordFilter(words))
		if slices.Contains(words, "shinto") {
			setReligions(r)
		}
		return ""
	}
}

// prepareAny lets a scan find out first whether the payload has any of the words.
func prepareAny(r *rule, d *steps.DetectiveStep) string {
	r.bind["worthScanning"] = "scanAny"
	return prepareWords(append(religions(), degreeWords...)...)(r, d)
}

// wordFilter is the kernel's WordFilter for words in small letters.
func wordFilter(words []string) []byte {
	const groups, letters = 8, 4
	words = slices.Sorted(slices.Values(words)) // similar ones into one group, so that few other words pass
	filter := make([]byte, 32*letters)
	for i, word := range words {
		bit := byte(1) << (i * groups / len(words))
		for k := range letters {
			low, high := filter[32*k:][:16], filter[32*k+16:][:16]
			if k >= len(word) { // whatever follows
				for n := range 16 {
					low[n] |= bit
					high[n] |= bit
				}
				continue
			}
			b := word[k] | 0x20
			low[b&15] |= bit
			high[b>>4] |= bit
		}
	}
	return filter
}

// prepareNumerals gives the rule the characters that Unicode calls numeric, as
// the kernel's inRanges reads them.
func prepareNumerals(r *rule, _ *steps.DetectiveStep) string {
	var ranges []byte
	end := uint32(0)
	add := func(first, last, stride uint32) {
		if stride == 1 {
			stride = last + 1 - first
		}
		for c := first; c <= last; c += stride {
			ranges = appendDistance(ranges, c-end)
			end = c + 1
			if stride == last+1-first {
				end = last + 1
			}
			ranges = appendDistance(ranges, end-c)
		}
	}
	for _, x := range unicode.N.R16 {
		add(uint32(x.Lo), uint32(x.Hi), uint32(x.Stride))
	}
	for _, x := range unicode.N.R32 {
		add(x.Lo, x.Hi, x.Stride)
	}
	r.set["Numerals"], r.set["NumeralsLen"] = r.data.Bytes(ranges), uint32(len(ranges))
	return ""
}

// appendDistance appends a number, 7 bits a byte, the lowest last and without the high bit.
func appendDistance(b []byte, n uint32) []byte {
	if n > 127 {
		b = appendDistance(b, n>>7)
		b[len(b)-1] |= 128
	}
	return append(b, byte(n&127))
}
