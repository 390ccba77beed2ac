package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// wordKind returns the kind of data that the piece [p,e) is, or 0. Where several
// fit the first one counts.
//
//wasm:small
func wordKind(p, e ptr) vm.Text {
	n := e - p
	switch {
	case n == 20 && matchAWSKey('"', p, e):
		return vm.Lit("AWS")
	case n > 36 && vm.U8(p) == 'e' && matchJWT('"', p, e):
		return vm.Lit("JWT")
	case n == 9 && matchNINO('"', p, e):
		return vm.Lit("Person")
	case n == 17 && matchVIN('"', p, e):
		return vm.Lit("Vehicle_Information")
	case n == macLength && matchMAC('"', p, e):
		return vm.Lit("Device")
	case n >= 6 && (matchIPv4('"', p, e) || hasDigit(p, e) && matchIPv6('"', p, e)):
		return vm.Lit("IP_Information")
	case n < minWordKind-1:
		return 0
	case digit(vm.U8(p+2)) && matchIBAN('"', p, e):
		return vm.Lit("Banking_and_Financial")
	}
	return tokenKind(p, e)
}

// tokenKind is wordKind for credentials, which say by their start what they are.
//
//wasm:small
func tokenKind(p, e ptr) vm.Text {
	switch {
	case matchStripe('"', p, e):
		return vm.Lit("Stripe")
	case matchGithub('"', p, e):
		return vm.Lit("Github")
	case matchSlack('"', p, e):
		return vm.Lit("Slack")
	case matchSendgrid('"', p, e):
		return vm.Lit("Sendgrid")
	case matchMWS('"', p, e):
		return vm.Lit("AWS")
	case matchBraintree('"', p, e):
		return vm.Lit("Payment_Processors")
	case matchDatabricks('"', p, e):
		return vm.Lit("Databricks")
	case matchDocker('"', p, e):
		return vm.Lit("Credentials")
	}
	return 0
}

//wasm:small
func hasDigit(p, e ptr) bool {
	for ; p < e; p++ {
		if digit(vm.U8(p)) {
			return true
		}
	}
	return false
}

// hashStarts are what hashes of passwords start with.
const hashStarts = "$2a$|$2b$|$2y$|$5$|$6$|$y$|$sha1|$gy$|$md5$|$1$|$3$|"

// hashAt looks for the hash of a password at p. It returns the byte after it, or 0.
//
//wasm:small
func hashAt(p ptr) ptr {
	e := p
	for {
		c := vm.U8(e)
		if !alnum(c) && c != '$' && c != '.' && c != '/' && c != '=' && c != ',' && c != '+' && c != '-' && c != '_' || e >= end {
			break
		}
		e++
	}
	for e > p && (vm.U8(e-1) == '.' || vm.U8(e-1) == ',') {
		e--
	}
	if startsAny(p, e, vm.Lit(hashStarts)) == 0 {
		return 0
	}
	foundPlain(p, e, vm.Lit("Credentials"))
	return e
}

// spacedAt looks for a code that is written in groups, the first of which is the
// piece [p,e). It returns the byte after it, or 0.
//
//wasm:small
func spacedAt(p, e ptr) ptr {
	if e-p == 2 && letter(vm.U8(p+1)) && vm.U8(e) == ' ' {
		for to := p + 11; to <= p+13; to += 2 { // AB 123456 C, AB 12 34 56 C
			if endsPiece(to) && (shaped(p, to, vm.Lit("AA 999999 A")) || shaped(p, to, vm.Lit("AA 99 99 99 A"))) && matchNINO('"', p, to) {
				foundPlain(p, to, vm.Lit("Person"))
				return to
			}
		}
	}
	if e-p != 4 || !shaped(p, e, vm.Lit("AA99")) {
		return 0
	}
	best := ptr(0)
	for to := e; vm.U8(to) == ' ' && to-p < maxCode; {
		n := uint32(1)
		for n < 5 && alnum(vm.U8(to+n)) {
			n++
		}
		to += n
		if endsPiece(to) && matchIBAN('"', p, to) {
			best = to
		}
		if n < 5 {
			break
		}
	}
	if best != 0 && best <= end {
		foundPlain(p, best, vm.Lit("Banking_and_Financial"))
	}
	return best
}

// endsPiece says whether a number or code may end before p: what follows is no
// letter or digit, nor a mark with one behind it.
//
//wasm:small
func endsPiece(p ptr) bool {
	if p >= end {
		return p == end
	}
	class, next := classAt(p)
	c := vm.U8(p)
	switch {
	case class&pieceBreak != 0 || c == '/' || c == ':':
		return true
	case class&pieceMark == 0 && c != '-':
		return false
	}
	return next == end || vm.U8(next) < 0x80 && !alnum(vm.U8(next))
}
