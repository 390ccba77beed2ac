package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a URL's scheme asks of the rest.
const (
	schemeNone    = iota // there is no scheme
	schemeOther          // almost anything
	schemeSpecial        // a host
	schemeFile           // maybe a host
)

// matchURL accepts what the WHATWG URL Standard parses without a base. See
// domainOK for what it leaves out.
//
//wasm:small
func matchURL(c uint32, p, e ptr) bool {
	for p < e && vm.U8(p) <= ' ' {
		p++
	}
	for p < e && vm.U8(e-1) <= ' ' {
		e--
	}
	kind, p := urlScheme(p, e)
	switch kind {
	case schemeNone:
		return false
	case schemeFile:
		return fileOK(p, e)
	case schemeSpecial:
		for {
			b, next := urlByte(p, e)
			if b != '/' && b != '\\' {
				return authorityOK(p, e, true)
			}
			p = next
		}
	}
	for range uint32(2) {
		b, next := urlByte(p, e)
		if b != '/' {
			return true // a path
		}
		p = next
	}
	return authorityOK(p, e, false)
}

const urlEnd = 0xffffffff // what urlByte returns at the end

// urlByte returns the next byte and the place after it. Tabs and line ends do not count.
//
//wasm:small
func urlByte(p, e ptr) (b uint32, next ptr) {
	for p < e {
		b = vm.U8(p)
		p++
		if b != '\t' && b != '\n' && b != '\r' {
			return b, p
		}
	}
	return urlEnd, p
}

// urlScheme returns the kind of the scheme at p and the place after its colon.
//
//wasm:small
func urlScheme(p, e ptr) (kind uint32, next ptr) {
	name := uint64(0) // its last eight letters, small
	for n := uint32(0); ; n++ {
		b, q := urlByte(p, e)
		p = q
		switch {
		case b|32-'a' < 26:
		case n == 0:
			return schemeNone, p
		case b == ':':
			return schemeKind(name, n), p
		case !alnum(b) && b != '+' && b != '-' && b != '.':
			return schemeNone, p
		}
		name = name<<8 | uint64(b|32)
	}
}

//wasm:small
func schemeKind(name uint64, n uint32) uint32 {
	const (
		webSocket = 'w'<<8 | 's'
		http      = 'h'<<24 | 't'<<16 | 't'<<8 | 'p'
		ftp       = 'f'<<16 | 't'<<8 | 'p'
		file      = 'f'<<24 | 'i'<<16 | 'l'<<8 | 'e'
		secure    = 's'
	)
	if n > 5 {
		return schemeOther
	}
	switch name {
	case http, http<<8 | secure, webSocket, webSocket<<8 | secure, ftp:
		return schemeSpecial
	case file:
		return schemeFile
	}
	return schemeOther
}

// fileOK judges what follows file: in a URL.
//
//wasm:small
func fileOK(p, e ptr) bool {
	for range uint32(2) {
		b, next := urlByte(p, e)
		if b != '/' && b != '\\' {
			return true // a path
		}
		p = next
	}
	stop := p
	for stop < e && !endsHost(vm.U8(stop), true) {
		stop++
	}
	b, next := urlByte(p, stop)
	if b == urlEnd {
		return true // no host
	}
	second, next := urlByte(next, stop)
	if third, _ := urlByte(next, stop); b|32-'a' < 26 && (second == ':' || second == '|') && third == urlEnd {
		return true // a drive letter
	}
	return hostOK(p, stop, true)
}

// endsHost says whether b ends an authority.
//
//wasm:small
func endsHost(b uint32, special bool) bool {
	return b == '/' || b == '?' || b == '#' || b == '\\' && special
}

// authorityOK judges user, password, host and port at p.
//
//wasm:small
func authorityOK(p, e ptr, special bool) bool {
	stop, user := p, false
	for ; stop < e && !endsHost(vm.U8(stop), special); stop++ {
		if vm.U8(stop) == '@' {
			p, user = stop+1, true
		}
	}
	port, inBrackets := p, false
	for ; port < stop; port++ {
		b := vm.U8(port)
		if b == ':' && !inBrackets {
			break
		}
		inBrackets = b == '[' || inBrackets && b != ']'
	}
	if b, _ := urlByte(p, port); b == urlEnd { // no host
		return port == stop && !special && !user
	}
	return portOK(port, stop) && hostOK(p, port, special)
}

// portOK says whether [p,e) is empty, or a colon and maybe a number below 65,536.
//
//wasm:small
func portOK(p, e ptr) bool {
	v := uint32(0)
	for p++; p < e; {
		b, next := urlByte(p, e)
		if b == urlEnd {
			break
		}
		v = v*10 + b - '0'
		if b-'0' > 9 || v > 0xffff {
			return false
		}
		p = next
	}
	return true
}
