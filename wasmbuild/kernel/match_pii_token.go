package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchAWSKey accepts an AWS access key id: 20 bytes, of which the first four say what it is for.
func matchAWSKey(c uint32, p, e ptr) bool {
	if e-p != 20 || lower(vm.U8(p)) != 'a' {
		return false
	}
	q := vm.Addr(&squeezed)
	for i := uint32(0); i < 4; i++ {
		vm.Put8(q+i, upper(vm.U8(p+i)))
	}
	return listed(q, 4, vm.Lit("ABIAACCAAGPAAIDAAIPAAKIAANPAANVAAPKAAROAASCAASIA"))
}

// matchRSAKey accepts what starts as a PEM file with a private key or a PGP message does.
//
//wasm:small
func matchRSAKey(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	if !starts(p, e, vm.Lit("-----")) {
		return false
	}
	p += 5
	if p < e && vm.U8(p) == ' ' {
		p++
	}
	return starts(p, e, vm.Lit("BEGIN PRIVATE")) || starts(p, e, vm.Lit("BEGIN RSA")) ||
		starts(p, e, vm.Lit("BEGIN ENCRYPTED")) || starts(p, e, vm.Lit("BEGIN PGP"))
}

// matchSlack accepts what starts as a Slack token does.
//
//wasm:small
func matchSlack(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	return startsFold(p, e, vm.Lit("xapp-")) || startsFold(p, e, vm.Lit("xoxa-")) ||
		startsFold(p, e, vm.Lit("xoxb-")) || startsFold(p, e, vm.Lit("xoxp-"))
}

// matchStripe accepts what starts as a live secret key of Stripe does.
func matchStripe(c uint32, p, e ptr) bool { return startsFold(p, e, vm.Lit("sk_live_")) }

// matchBraintree accepts what starts as a Braintree access token does.
func matchBraintree(c uint32, p, e ptr) bool { return startsFold(p, e, vm.Lit("access_token$")) }

// matchMWS accepts what starts as an Amazon MWS authorization token does.
func matchMWS(c uint32, p, e ptr) bool { return startsFold(p, e, vm.Lit("amzn.mws.")) }

// matchSendgrid accepts a SendGrid API key: its start and its length.
func matchSendgrid(c uint32, p, e ptr) bool {
	return e-p == 69 && startsFold(p, e, vm.Lit("sg."))
}

// matchDocker accepts what starts as a join token or an unlock key of a Docker swarm does.
func matchDocker(c uint32, p, e ptr) bool {
	return startsFold(p, e, vm.Lit("swmtkn-")) || startsFold(p, e, vm.Lit("swmkey-"))
}

// matchGithub accepts a GitHub personal access token: a classic one of 40 bytes,
// or a fine-grained one of 93 (78 in its first months).
func matchGithub(c uint32, p, e ptr) bool {
	switch e - p {
	case 40:
		return startsFold(p, e, vm.Lit("ghp_"))
	case 78, 93:
		return startsFold(p, e, vm.Lit("github_pat_"))
	}
	return false
}

// matchDatabricks accepts a Databricks personal access token: 32 hex digits after
// its start, maybe a version; or any 40 bytes.
//
//wasm:small
func matchDatabricks(c uint32, p, e ptr) bool {
	n := e - p
	if n != 36 && n != 38 && n != 40 || !startsFold(p, e, vm.Lit("dapi")) {
		return false
	}
	if n == 40 {
		return true
	}
	if n == 38 && (vm.U8(e-2) != '-' || !digit(vm.U8(e-1))) {
		return false
	}
	return allHex(p+4, p+36)
}

// allHex says whether [p,e) are hex digits.
func allHex(p, e ptr) bool {
	for ; p < e; p++ {
		if hexDigit(vm.U8(p)) > 15 {
			return false
		}
	}
	return true
}

// matchAzureSQL accepts a connection string of Azure SQL with a user and a password.
//
//wasm:small
func matchAzureSQL(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	return startsFold(p, e, vm.Lit("server=")) && hasFold(p, e, vm.Lit("user id=")) && hasFold(p, e, vm.Lit("password="))
}

// matchBearer accepts an RFC 6750 bearer token as it stands in a header, with the header's name or without.
//
//wasm:small
func matchBearer(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	return starts(p, e, vm.Lit("Bearer ")) || starts(p, e, vm.Lit("Authorization: Bearer"))
}
