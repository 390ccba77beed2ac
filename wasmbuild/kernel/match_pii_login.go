package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchLogin accepts what somebody logs in with: a URL with a user and a password
// (RFC 3986, 3.2.1), credentials of HTTP's Basic scheme (RFC 7617), or a list of
// names and values with a user's and a password among them.
//
//wasm:small
func matchLogin(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	return isURLWithPassword(p, e) || isBasic(p, e) || isNamedLogin(p, e)
}

// isURLWithPassword says whether [p,e) is scheme://user:password@host.
//
//wasm:small
func isURLWithPassword(p, e ptr) bool {
	for q := p; ; q++ {
		if q >= e {
			return false
		}
		c := vm.U8(q)
		if c == ':' && q > p && starts(q, e, vm.Lit("://")) {
			p = q + 3
			break
		}
		if !alnum(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	colon := ptr(0)
	for ; p < e; p++ {
		switch c := vm.U8(p); {
		case c == '@':
			return colon != 0 && p > colon+1 && p+1 < e
		case c == ':' && colon == 0:
			colon = p
		case c == '/' || c == '?' || c == '#' || c <= ' ':
			return false
		}
	}
	return false
}

// isBasic says whether [p,e) is Basic credentials that decode to user:password.
//
//wasm:small
func isBasic(p, e ptr) bool {
	p += startsAny(p, e, vm.Lit("authorization: |"))
	n := startsAny(p, e, vm.Lit("basic |"))
	if n == 0 {
		return false
	}
	h := vm.Addr(&header)
	r := decode64(p+n, e, h)
	return r > h && findByte(h, r, vm.Splat(':')) < r
}

// isNamedLogin says whether [p,e) has a user's name and a password, each as name=value.
//
//wasm:small
func isNamedLogin(p, e ptr) bool {
	user, password := false, false
	for q := findByte(p, e, vm.Splat('=')); q < e && !(user && password); q = findByte(q+1, e, vm.Splat('=')) {
		if q+1 >= e || isBetween(vm.U8(q+1)) {
			continue
		}
		from := q
		for from > p && !isBetween(vm.U8(from-1)) {
			from--
		}
		for from < q && vm.U8(from) == ' ' {
			from++
		}
		user = user || isName(from, q, vm.Lit("username|user|user_name|userid|user id|user_id|uid|login|email|user name|"))
		password = password || isName(from, q, vm.Lit("password|passwd|pwd|pass|passphrase|"))
	}
	return user && password
}

// isBetween says whether a byte stands between names and values.
func isBetween(c uint32) bool { return c == '&' || c == ';' || c == ',' || c == '?' || c == '\n' }

// isName says whether [p,q) is one of the names.
//
//wasm:small
func isName(p, q ptr, names vm.Text) bool {
	s := textPtr(names)
	for stop := s + textLen(names); s < stop; s++ {
		from := s
		for vm.U8(s) != '|' {
			s++
		}
		if s-from == q-p && startsFold(p, q, text(from, s-from)) {
			return true
		}
	}
	return false
}
