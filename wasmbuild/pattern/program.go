package pattern

// maxSteps bounds a pattern laid out, with counted repetitions written out.
const maxSteps = 1 << 16

// step is a place in a pattern laid out. It has read what comes before it.
type step struct {
	kind stepKind
	set  set   // stepChar: the characters that lead to next
	look look  // stepLook: where next is reached
	next int32 // not for stepMatch
	fork int32 // stepFork: the other place that is reached
}

type stepKind uint8

const (
	stepMatch stepKind = iota
	stepChar
	stepLook
	stepFork
)

// layout builds steps from the end of the pattern to its start, so that each knows
// what comes next.
type layout struct {
	steps []step
	full  bool
}

// layOut returns the pattern's steps: the first one matches, the last one is the start.
func layOut(tree *node) ([]step, error) {
	l := &layout{steps: []step{{kind: stepMatch}}}
	start := l.put(tree, 0)
	if l.full {
		return nil, &Error{Reason: "the pattern is too large once its counted repetitions are written out; use smaller counts"}
	}
	// a fork makes the start the last step
	l.add(step{kind: stepFork, next: start, fork: start})
	return l.steps, nil
}

func (l *layout) add(s step) int32 {
	if len(l.steps) >= maxSteps {
		l.full = true
		return 0
	}
	l.steps = append(l.steps, s)
	return int32(len(l.steps) - 1)
}

// put lays out n before the step next, and returns where n begins.
func (l *layout) put(n *node, next int32) int32 {
	if l.full {
		return next
	}
	switch n.kind {
	case kindSet:
		return l.add(step{kind: stepChar, set: n.set, next: next})
	case kindLook:
		return l.add(step{kind: stepLook, look: n.look, next: next})
	case kindSequence:
		for i := len(n.subs) - 1; i >= 0; i-- {
			next = l.put(n.subs[i], next)
		}
		return next
	case kindAlternate:
		start := l.put(n.subs[len(n.subs)-1], next)
		for i := len(n.subs) - 2; i >= 0; i-- {
			start = l.add(step{kind: stepFork, next: l.put(n.subs[i], next), fork: start})
		}
		return start
	case kindRepeat:
		return l.repeat(n, next)
	}
	return next
}

func (l *layout) repeat(n *node, next int32) int32 {
	sub, least := n.subs[0], n.min
	start := next
	if n.max == unlimited {
		loop := l.add(step{kind: stepFork, next: next})
		body := l.put(sub, loop)
		l.steps[loop].fork = body
		if start = loop; least > 0 { // the loop's body is the last of the least
			start = body
			least--
		}
	} else {
		for range n.max - n.min {
			start = l.add(step{kind: stepFork, next: next, fork: l.put(sub, start)})
			if l.full {
				return next
			}
		}
	}
	for ; least > 0 && !l.full; least-- {
		start = l.put(sub, start)
	}
	return start
}
