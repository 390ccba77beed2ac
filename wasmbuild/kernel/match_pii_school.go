package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// matchEducation accepts what tells of somebody's studies: an academic degree,
// spelled out or as it stands behind a name, an ORCID iD, an address of mail at a
// university.
//
//wasm:small
func matchEducation(c uint32, p, e ptr) bool {
	p, e = trim(p, e)
	return hasDegree(p, e) || startsWithDegree(p, e) || endsWithDegree(p, e) || isOrcid(p, e) || isAcademicMail(p, e)
}

// hasDegree says whether [p,e) names a degree: Bachelor of Science, master's degree.
//
//wasm:small
func hasDegree(p, e ptr) bool {
	for q := wordStart(p, e); q < e; q = wordStart(q+1, e) {
		if q > p && inWord(q-1, e) {
			continue
		}
		n := startsAny(q, e, vm.Lit(degreeNames))
		if n > 0 && lower(vm.U8(q+n)) == 's' {
			n++
		}
		if n > 0 && startsAny(q+n, e, vm.Lit(subjects)) > 0 {
			return true
		}
	}
	return false
}

const degreeNames = "bachelor|master|doctor|associate|"

// subjects follow a degree's name.
const subjects = " of art| of science| of phil| of engineering| of business| of education| of law| of medicine| of applied| of fine| of commerce|" +
	" of technology| of public| of social| of theology| of music| degree|'s degree|’s degree|'s in |’s in |"

// degrees are short forms that stand for nothing else, in columns of eight.
const degrees = "ph.d.   phd     m.b.a.  mba     b.a.    m.a.    b.s.    m.s.    b.sc.   bsc     m.sc.   msc     b.eng.  " +
	"beng    m.eng.  meng    d.phil. dphil   ed.d.   edd     ll.b.   llb     ll.m.   llm     m.d.    m.phil. mphil   "

// startsWithDegree says whether [p,e) starts with the short form of a degree as a word.
//
//wasm:small
func startsWithDegree(p, e ptr) bool {
	n := startsColumn(p, e, vm.Lit(degrees))
	return n > 0 && (p+n == e || vm.U8(p+n) == ',' || starts(p+n, e, vm.Lit(" in ")))
}

// endsWithDegree says whether [p,e) ends with the short form of a degree after a comma.
func endsWithDegree(p, e ptr) bool {
	for q := e; q > p && e-q < 10; {
		q--
		if vm.U8(q) == ',' {
			q++
			for q < e && vm.U8(q) == ' ' {
				q++
			}
			n := startsColumn(q, e, vm.Lit(degrees))
			return n > 0 && q+n == e
		}
	}
	return false
}

// isOrcid says whether [p,e) is an ORCID iD, 16 digits in groups of four with a
// check digit of ISO 7064's MOD 11-2 and from ORCID's range, or such an id's address.
//
//wasm:small
func isOrcid(p, e ptr) bool {
	if e-p > 19 {
		if n := startsAny(p, e, vm.Lit("https://orcid.org/|http://orcid.org/|orcid.org/|orcid:|")); n > 0 {
			p += n
		}
	}
	if !shaped(p, e, vm.Lit("9999-9999-9999-999X")) || !starts(p, e, vm.Lit("0000-000")) && !starts(p, e, vm.Lit("0009-00")) {
		return false
	}
	sum := uint32(0)
	for ; p < e-1; p++ {
		if digit(vm.U8(p)) {
			sum = (sum + vm.U8(p) - '0') * 2
		}
	}
	check := (12 - sum%11) % 11
	return vm.U8(p) == check+'0' || check == 10 && vm.U8(p) == 'X'
}

// isAcademicMail says whether [p,e) is an e-mail address below .edu, .edu.CC or
// .ac.CC, which registries give to institutions of education only.
//
//wasm:small
func isAcademicMail(p, e ptr) bool {
	if e-p < 9 {
		return false
	}
	edu := startsFold(e-4, e, vm.Lit(".edu")) ||
		letter(vm.U8(e-1)) && letter(vm.U8(e-2)) && (startsFold(e-7, e, vm.Lit(".edu.")) || startsFold(e-6, e, vm.Lit(".ac.")))
	return edu && matchEmail('"', p, e)
}
