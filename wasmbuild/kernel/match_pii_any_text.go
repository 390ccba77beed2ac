package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// anyWithLetters tries what is known by its start, by words, or by what it is
// made of; plain says that [q,r) has nothing but ASCII letters and digits.
func anyWithLetters(c uint32, p, e, q, r ptr, has uint32, plain bool) bool {
	if has&hasAt != 0 && matchEmail(c, p, e) || anyStart(lower(vm.U8(q)), c, p, e, q, r) {
		return true
	}
	n := r - q
	if has&hasSpace == 0 && n-8 < 9 && matchSwift(c, q, r) || n == 17 && matchVIN(c, p, e) {
		return true
	}
	if n < 9 && vm.U8(q+3) == '.' && matchHealth(c, p, e) || plain && n-26 < 65 && matchCrypto(c, q, r) {
		return true
	}
	if has&(hasAt|hasEquals|hasComma|hasPlus|hasOther) != 0 && anyMarked(c, p, e, q, r, has) {
		return true
	}
	return wordless == 0 && (matchReligion(c, p, e) || hasDegree(q, r))
}

// anyMarked tries what has an @, an equals sign, a comma, a plus or a degree sign.
//
//wasm:small
func anyMarked(c uint32, p, e, q, r ptr, has uint32) bool {
	return has&hasAt != 0 && isURLWithPassword(q, r) || has&hasEquals != 0 && isNamedLogin(q, r) || has&hasComma != 0 && endsWithDegree(q, r) ||
		r-q <= maxPlace && has&(hasComma|hasPlus|hasOther) != 0 && matchGeolocation(c, p, e)
}

// anyStart tries what starts with certain bytes.
//
//wasm:small
func anyStart(first, c uint32, p, e, q, r ptr) bool {
	second := lower(vm.U8(q + 1))
	switch first {
	case '-':
		return matchRSAKey(c, p, e) || matchSignature(c, p, e) || matchGeolocation(c, p, e)
	case '/', '<':
		return matchSignature(c, p, e)
	case '%', ';':
		return matchFinancial(c, p, e)
	case '@':
		return matchLicense(c, p, e)
	case 'a':
		return e-p == 20 && matchAWSKey(c, p, e) || second == 'c' && matchBraintree(c, p, e) || second == 'm' && matchMWS(c, p, e) ||
			second == 'u' && (matchBearer(c, p, e) || isBasic(q, r))
	case 'b':
		return second == 'a' && isBasic(q, r) || second == 'r' && matchTitle(c, p, e) || second == 'e' && matchBearer(c, p, e) ||
			(second == '.' || second == 'e' || second == 's') && startsWithDegree(q, r)
	case 'd':
		return second == 'r' && matchTitle(c, p, e) || second == 'a' && matchDatabricks(c, p, e) || (second == '.' || second == 'p') && startsWithDegree(q, r)
	case 'e':
		return second == 'y' && matchJWT(c, p, e) || second == 'd' && startsWithDegree(q, r)
	case 'f':
		return second == 'r' && matchTitle(c, p, e)
	case 'g':
		return (second == 'h' || second == 'i') && matchGithub(c, p, e) || second == 'e' && matchGeolocation(c, p, e)
	case 'l':
		return second == 'l' && startsWithDegree(q, r)
	case 'm':
		if second == 'i' {
			return lower(vm.U8(q+2)) == 's' && matchTitle(c, p, e) || r-q > 64 && matchSignature(c, p, e)
		}
		return (second == 'r' || second == 's') && matchTitle(c, p, e) || second != 'r' && second != 'a' && startsWithDegree(q, r)
	case 'p':
		return second == 'r' && matchTitle(c, p, e) || second == 'h' && startsWithDegree(q, r)
	case 'r':
		return second == 'e' && matchTitle(c, p, e)
	case 's':
		return anyStartS(second, c, p, e)
	case 'x':
		return (second == 'a' || second == 'o') && matchSlack(c, p, e)
	}
	return false
}

//wasm:small
func anyStartS(second, c uint32, p, e ptr) bool {
	switch second {
	case 'e':
		return matchAzureSQL(c, p, e)
	case 'g':
		return matchSendgrid(c, p, e)
	case 'k':
		return matchStripe(c, p, e)
	case 'r':
		return matchTitle(c, p, e)
	case 'w':
		return matchDocker(c, p, e)
	}
	return false
}
