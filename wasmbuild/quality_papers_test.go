package wasmbuild

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

func sortedRegions() []string { return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) }

// mrzDigit is ICAO 9303's check digit.
func mrzDigit(s string) string {
	sum := 0
	for i, r := range s {
		v := 0
		switch {
		case r >= 'A':
			v = int(r-'A') + 10
		case r != '<':
			v = int(r - '0')
		}
		sum += v * []int{7, 3, 1}[i%3]
	}
	return fmt.Sprint(sum % 10)
}

// filled is s cut to, or filled up to, n characters.
func filled(s string, n int) string { return (s + strings.Repeat("<", n))[:n] }

// validPassport writes machine-readable zones of the three sizes, and German numbers.
func validPassport(c *corpus) string {
	number := filled(c.from(alnums, 1+c.IntN(2))+c.digits(7), 9)
	number += mrzDigit(number)
	birth, expiry := c.time().Format("060102"), c.time().AddDate(10, 0, 0).Format("060102")
	birth += mrzDigit(birth)
	expiry += mrzDigit(expiry)
	nation, sex := oneOf(c, "UTO", "D<<", "GBR", "USA", "FRA"), oneOf(c, "M", "F", "<")
	name := strings.ToUpper(c.word()) + "<<" + strings.ToUpper(c.word())

	personal := filled(oneOf(c, "", c.digits(9)), 14)
	personal += mrzDigit(personal)
	long := number + nation + birth + sex + expiry + personal
	long += mrzDigit(number + birth + expiry + personal)

	optional := filled(oneOf(c, "", c.digits(5)), 7)
	short := number + nation + birth + sex + expiry + optional + mrzDigit(number+birth+expiry+optional)

	extra := filled("", 15)
	card := "IP" + nation + number + extra + "\n" + birth + sex + expiry + nation + filled("", 11) + mrzDigit(number+extra+birth+expiry+filled("", 11)) + "\n" + filled(name, 30)

	german := c.from("CFGHJK", 1) + c.from("CFGHJKLMNPRTVWXYZ0123456789", 8)
	return oneOf(c, filled("P<"+nation+name, 44)+"\n"+long, filled("P<"+nation+name, 44)+long, long, filled("I<"+nation+name, 36)+"\n"+short, card, german+mrzDigit(german))
}

// validLicense writes licence numbers as the places named make them.
func validLicense(c *corpus) string {
	soundex := c.from(capitals, 1) + c.from("0123456", 3)
	born := c.time()
	female := oneOf(c, 0, 50)
	surname := strings.ReplaceAll(filled(strings.ToUpper(c.word()), 5), "<", "9")
	return oneOf(c,
		soundex+"-"+c.digits(4)+"-"+c.digits(4),                      // Illinois
		soundex+"-"+c.digits(3)+"-"+c.digits(2)+"-"+c.digits(3)+"-0", // Florida
		soundex+c.digits(9), // Michigan, Minnesota, Maryland
		soundex+"-"+c.digits(4)+"-"+c.digits(4)+"-"+c.digits(2),                                                                                                                 // Wisconsin
		fmt.Sprintf("%s%s%02d%s5", c.from(capitals, 1), c.digits(9), int(born.Month())+female, born.Format("06")),                                                               // New Jersey
		fmt.Sprintf("%s-%s%s-%s%02d%s", c.shape("A9999"), c.digits(4), born.Format("06")[:1], born.Format("06")[1:], int(born.Month())+female, born.Format("02")),               // Ontario
		fmt.Sprintf("%s%d%02d%s%d%s%sAB", surname, born.Year()/10%10, int(born.Month())+female, born.Format("02"), born.Year()%10, c.from(capitals, 1)+oneOf(c, "9", "A"), "9"), // Great Britain
		oneOf(c, "MH", "DL", "KA", "TN")+oneOf(c, "-", "")+c.digits(2)+oneOf(c, " ", "")+"20"+c.from("01", 1)+c.digits(8),                                                       // India
		"@\n\x1e\rANSI 636026080102DL00410288ZA03290015DLDAQ"+c.shape("A99999999"),                                                                                              // the barcode on the back
	)
}
