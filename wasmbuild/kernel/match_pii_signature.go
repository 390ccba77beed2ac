package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchSignature accepts a signature: a conformed or electronic one of a person,
// /s/ and a name (17 CFR 232.302), or a digital one as OpenPGP (RFC 9580), CMS
// (RFC 5652, in PEM or base64), SSH and XML write it.
//
//wasm:small
func matchSignature(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	switch vm.U8(p) {
	case '/':
		return startsAny(p, e, vm.Lit("/s/|")) > 0 && hasName(p+3, e)
	case '-':
		return startsAny(p, e, vm.Lit("-----begin pgp signature-----|-----begin pgp signed message-----|-----begin pkcs7-----|-----begin cms-----|-----begin ssh signature-----|")) > 0
	case 'M':
		return isSignedData(p, e)
	case '<':
		return starts(p, e, vm.Lit("<ds:Signature")) || starts(p, e, vm.Lit("<Signature ")) && hasFold(p, e, vm.Lit("www.w3.org/2000/09/xmldsig#"))
	}
	return false
}

// hasName says whether a name of two letters or more stands in [p,e), after spaces at most.
func hasName(p, e ptr) bool {
	for p < e && vm.U8(p) == ' ' {
		p++
	}
	return e-p >= 2 && (letter(vm.U8(p)) || vm.U8(p) >= 0x80) && inWord(p+1, e)
}

// isSignedData says whether [p,e) is base64 of a CMS message whose type is
// signed data: what its object identifier encodes to is always the same.
func isSignedData(p, e ptr) bool {
	return e-p > 64 && (starts(p+6, e, vm.Lit("YJKoZIhvcNAQcC")) && vm.U8(p+1) == 'I' || starts(p, e, vm.Lit("MIAGCSqGSIb3DQEHA")))
}
