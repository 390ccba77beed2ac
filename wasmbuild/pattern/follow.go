package pattern

import "slices"

const (
	// maxEdges bounds the edges between positions: 4 MiB of them.
	maxEdges = 1 << 18
	// maxVisits bounds the steps passed through to find them.
	maxVisits = 1 << 22
)

// edge leads to a position, where the place before it fulfils the condition.
type edge struct {
	to   int32
	look look
}

// exits are the edges from a place in the pattern.
type exits struct {
	edges  []edge // ascending
	accept look   // where the pattern has matched
}

// graph is a pattern as positions: one for each character it reads.
type graph struct {
	sets  []set   // what leads to each position
	after []int32 // each position's exits, as an index of exits; many share theirs
	exits []exits // the first one is the start's
}

// follow turns steps into a graph. Positions are in the order of the pattern, so
// that in plain text each leads to the next one.
func follow(steps []step) (*graph, error) {
	b := &graphBuilder{steps: steps, graph: &graph{}, known: map[int32]int32{}, reached: make([]look, len(steps)), position: make([]int32, len(steps))}
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].kind == stepChar {
			b.position[i] = int32(len(b.graph.sets))
			b.graph.sets = append(b.graph.sets, steps[i].set)
		}
	}
	b.exitsOf(int32(len(steps) - 1))
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].kind == stepChar {
			b.graph.after = append(b.graph.after, b.exitsOf(steps[i].next))
		}
	}
	if b.full {
		return nil, &Error{Reason: "the pattern is too complex: too many of its parts can follow each other; use fewer optional parts"}
	}
	return b.graph, nil
}

type graphBuilder struct {
	steps    []step
	graph    *graph
	position []int32 // of each step that reads a character
	known    map[int32]int32
	reached  []look // by step, while one's exits are looked for
	edges    int
	visits   int
	full     bool
}

// exitsOf returns the index of the exits of the place before a step.
func (b *graphBuilder) exitsOf(from int32) int32 {
	if i, ok := b.known[from]; ok || b.full {
		return i
	}
	var x exits
	var touched []int32
	type visit struct {
		step int32
		look look
	}
	for todo := []visit{{from, anywhere}}; len(todo) > 0; {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if b.visits++; b.visits > maxVisits {
			b.full = true
			return 0
		}
		if v.look&^b.reached[v.step] == 0 {
			continue
		}
		if b.reached[v.step] == 0 {
			touched = append(touched, v.step)
		}
		b.reached[v.step] |= v.look
		switch s := b.steps[v.step]; s.kind {
		case stepFork:
			todo = append(todo, visit{s.next, v.look}, visit{s.fork, v.look})
		case stepLook:
			todo = append(todo, visit{s.next, v.look & s.look})
		}
	}
	for _, i := range touched {
		switch b.steps[i].kind {
		case stepChar:
			x.edges = append(x.edges, edge{b.position[i], b.reached[i]})
		case stepMatch:
			x.accept = b.reached[i]
		}
		b.reached[i] = 0
	}
	if b.edges += len(x.edges); b.edges > maxEdges {
		b.full = true
		return 0
	}
	slices.SortFunc(x.edges, func(a, b edge) int { return int(a.to - b.to) })
	b.graph.exits = append(b.graph.exits, x)
	i := int32(len(b.graph.exits) - 1)
	b.known[from] = i
	return i
}

// looks calls f with each condition in the graph.
func (g *graph) looks(f func(look)) {
	for _, x := range g.exits {
		f(x.accept)
		for _, e := range x.edges {
			f(e.look)
		}
	}
}
