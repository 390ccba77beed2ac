//go:build !gowasm

package kernel

// What native runs have for personal data.
var (
	piiMatchers = map[string]func(uint32, ptr, ptr) bool{
		"matchSSN": matchSSN, "matchPhone": matchPhone, "matchLicense": matchLicense, "matchPassport": matchPassport, "matchVIN": matchVIN,
		"matchSerial": matchSerial, "matchLogin": matchLogin, "matchTaxpayer": matchTaxpayer, "matchAddress": matchAddress,
		"matchSignature": matchSignature, "matchGeolocation": matchGeolocation, "matchEducation": matchEducation,
		"matchFinancial": matchFinancial, "matchHealth": matchHealth, "matchAWSKey": matchAWSKey, "matchRSAKey": matchRSAKey,
		"matchTitle": matchTitle, "matchReligion": matchReligion, "matchSlack": matchSlack, "matchStripe": matchStripe,
		"matchIBAN": matchIBAN, "matchSwift": matchSwift, "matchRouting": matchRouting, "matchCrypto": matchCrypto,
		"matchGithub": matchGithub, "matchBraintree": matchBraintree, "matchMWS": matchMWS, "matchDatabricks": matchDatabricks,
		"matchSendgrid": matchSendgrid, "matchAzureSQL": matchAzureSQL, "matchJWT": matchJWT, "matchDocker": matchDocker,
		"matchBearer": matchBearer, "matchNINO": matchNINO, "matchSIN": matchSIN, "matchAny": matchAny,
	}
	piiCandidates = map[string]func(ptr) ptr{"candidateNine": candidateNine, "candidateWord": candidateWord}
	piiWorth      = map[string]func() bool{"scanAny": scanAny}
)
