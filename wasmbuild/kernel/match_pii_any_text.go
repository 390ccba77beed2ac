package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// anyWithLetters tries what is known by its start, by words, or by what it is made of.
func anyWithLetters(c uint32, p, e, q, r ptr, has uint32) bool {
	if has&hasAt != 0 && matchEmail(c, p, e) || anyStart(lower(vm.U8(q)), c, p, e, q, r) {
		return true
	}
	n := r - q
	if n-8 < 9 && matchSwift(c, q, r) || n == 17 && matchVIN(c, p, e) {
		return true
	}
	if n < 9 && vm.U8(q+3) == '.' && matchHealth(c, p, e) || has&hasSpace == 0 && n-26 < 65 && matchCrypto(c, q, r) {
		return true
	}
	if has&(hasNames|hasComma|hasPlus|hasOther) != 0 && anyMarked(c, p, e, q, r, has) {
		return true
	}
	return wordless == 0 && (matchReligion(c, p, e) || hasDegree(q, r))
}

// anyMarked tries what has a colon, an equals sign, a comma, a plus or a degree sign.
//
//wasm:small
func anyMarked(c uint32, p, e, q, r ptr, has uint32) bool {
	return has&hasNames != 0 && (isURLWithPassword(q, r) || isNamedLogin(q, r)) || has&hasComma != 0 && isDegreeShort(q, r) ||
		matchGeolocation(c, p, e)
}

// anyStart tries what starts with a certain byte.
//
//wasm:small
func anyStart(first, c uint32, p, e, q, r ptr) bool {
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
		return matchAWSKey(c, p, e) || matchBraintree(c, p, e) || matchMWS(c, p, e) || matchBearer(c, p, e) || isBasic(q, r)
	case 'b':
		return matchBearer(c, p, e) || isBasic(q, r) || anyTitle(c, q, r)
	case 'd':
		return anyTitle(c, q, r) || matchDatabricks(c, p, e)
	case 'e':
		return matchJWT(c, p, e) || anyTitle(c, q, r)
	case 'f', 'l', 'p', 'r':
		return anyTitle(c, q, r)
	case 'g':
		return matchGithub(c, p, e)
	case 'm':
		return anyTitle(c, q, r) || matchSignature(c, p, e)
	case 's':
		return anyTitle(c, q, r) || matchStripe(c, p, e) || matchSendgrid(c, p, e) || matchDocker(c, p, e) || matchAzureSQL(c, p, e)
	case 'x':
		return matchSlack(c, p, e)
	}
	return false
}

// anyTitle tries titles and short forms of degrees: most have a dot soon, the
// others start with two letters that few words start with.
func anyTitle(c uint32, q, r ptr) bool {
	if !listed(q+2, 1, vm.Lit(".")) && vm.U8(q+1) != '.' && vm.U8(q+3) != '.' && vm.U8(q+4) != '.' {
		two := vm.U16(q) | 0x2020
		if two == 'm'|'i'<<8 {
			return matchTitle(c, q, r)
		}
		return startsAny(q, r, vm.Lit("phd|mba|bsc|msc|beng|meng|dphil|edd|ll|mphil|")) > 0 && isDegreeShort(q, r)
	}
	return matchTitle(c, q, r) || isDegreeShort(q, r)
}
