package kernel

// reportingBodies are the first two digits of the mobile devices' numbers in use (GSMA TS.06).
var reportingBodies = [4]uint32{0x40000402, 0x7e300a, 0x8400000, 0xc}

// matchSerial accepts the serial number of a mobile device (IMEI) or of its SIM
// card (ICCID, ITU-T E.118), both with a Luhn check digit.
//
//wasm:small
func matchSerial(c uint32, p, e ptr) bool {
	if e-p < 15 {
		return false
	}
	q, r := squeeze(p, e)
	if r-q != squeezedDigits || r-q < 15 || !luhnOf(q, r) {
		return false
	}
	d := number2(q)
	switch r - q {
	case 15:
		return reportingBodies[d>>5]>>(d&31)&1 != 0
	case 19, 20:
		return d == 89
	}
	return false
}
