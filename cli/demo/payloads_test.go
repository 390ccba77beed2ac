package demo

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// A wrong check digit would make the card rule look broken.
func TestCardNumbersHaveACorrectCheckDigit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		card := cardNumber(r)
		digits := strings.ReplaceAll(card, " ", "")
		if len(digits) != 16 || !strings.HasPrefix(digits, "4000") {
			t.Fatalf("%q: want 16 digits of the test range", card)
		}
		sum := 0
		for i := range 16 {
			d := int(digits[15-i] - '0')
			if i%2 == 1 {
				if d *= 2; d > 9 {
					d -= 9
				}
			}
			sum += d
		}
		if sum%10 != 0 {
			t.Fatalf("%q: digit sum %d", card, sum)
		}
	}
}

func TestMessagesAreJSONObjects(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range services() {
		for _, o := range s.operations {
			for range 50 {
				var m map[string]any
				if err := json.Unmarshal(encode(o.message(r)), &m); err != nil || len(m) == 0 {
					t.Fatalf("%s of %s: %v, %v", o.name, s.name, m, err)
				}
			}
		}
	}
}

// Names are what the Console's API takes.
func TestEveryRuleIsUsedAndKnown(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, s := range services() {
		for _, o := range s.operations {
			used[o.rule] = true
		}
	}
	for _, p := range pipelines() {
		if !used[p.GetId()] {
			t.Errorf("no service uses %q", p.GetName())
		}
		delete(used, p.GetId())
	}
	delete(used, "")
	if len(used) > 0 {
		t.Errorf("rules that do not exist: %v", used)
	}
}
