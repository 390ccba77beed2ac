package gowasm

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math/bits"
)

type target struct {
	label string
	brk   int // block depth of the break target
	cont  int // block depth of the continue target, or -1
}

// gen is the state of one function being compiled.
type gen struct {
	*compiler
	code    []byte
	locals  []byte // types, parameters first
	nparams int
	vars    map[types.Object]uint32
	depth   int
	targets []target
	frame   *frame
	lastSet int // position of a local.set that ends the code, or -1
	free    map[byte][]uint32
	label   string // label of the next statement
	uses    []int
}

// frame is a function body, real or inlined, that a return leaves.
type frame struct {
	f      *fn
	sig    *types.Signature
	exit   int // depth of the inline block; -1 for the real function
	inside []types.Object
}

func (c *compiler) function(f *fn) (body []byte, uses []int) {
	g := &gen{compiler: c, vars: map[types.Object]uint32{}, lastSet: -1, free: map[byte][]uint32{}}
	sig := c.info.Defs[f.decl.Name].Type().(*types.Signature)
	g.frame = &frame{f: f, sig: sig, exit: -1}
	for i, t := range f.params {
		g.locals = append(g.locals, t)
		g.vars[sig.Params().At(i)] = uint32(i)
	}
	g.nparams = len(f.params)
	g.results(sig)
	g.block(f.decl.Body)
	if len(f.result) > 0 && !endsInReturn(f.decl.Body) {
		g.op(0x00)
	}
	g.op(0x0b)
	var head []byte
	var runs [][2]uint64
	for _, t := range g.locals[g.nparams:] {
		if n := len(runs); n > 0 && runs[n-1][1] == uint64(t) {
			runs[n-1][0]++
		} else {
			runs = append(runs, [2]uint64{1, uint64(t)})
		}
	}
	head = uleb(head, uint64(len(runs)))
	for _, r := range runs {
		head = append(uleb(head, r[0]), byte(r[1]))
	}
	return append(head, g.code...), g.uses
}

func endsInReturn(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	_, ok := b.List[len(b.List)-1].(*ast.ReturnStmt)
	return ok
}

// ---- emitting

func (g *gen) op(b ...byte)         { g.code, g.lastSet = append(g.code, b...), -1 }
func (g *gen) opU(b byte, v uint32) { g.op(b); g.code = uleb(g.code, uint64(v)) }
func (g *gen) i32(v int64)          { g.op(0x41); g.code = sleb(g.code, int64(int32(v))) }
func (g *gen) i64(v int64)          { g.op(0x42); g.code = sleb(g.code, v) }
func (g *gen) simd(sub uint32)      { g.opU(0xfd, sub) }
func (g *gen) get(i uint32) {
	if g.lastSet >= 0 { // local.set x, local.get x is local.tee x
		if k, _ := uvar(g.code[g.lastSet+1:]); k == i {
			g.code[g.lastSet] = 0x22
			g.lastSet = -1
			return
		}
	}
	g.opU(0x20, i)
}
func (g *gen) set(i uint32)        { p := len(g.code); g.opU(0x21, i); g.lastSet = p }
func (g *gen) open(b byte, t byte) { g.op(b, t); g.depth++ }
func (g *gen) openT(b byte, result []byte) {
	switch len(result) {
	case 0:
		g.open(b, none)
	case 1:
		g.open(b, result[0])
	default:
		g.op(b)
		g.code = sleb(g.code, int64(g.typ(nil, result)))
		g.depth++
	}
}
func (g *gen) end()        { g.op(0x0b); g.depth-- }
func (g *gen) br(to int)   { g.opU(0x0c, uint32(g.depth-to)) }
func (g *gen) brIf(to int) { g.opU(0x0d, uint32(g.depth-to)) }
func (g *gen) local(t byte) uint32 {
	if l := g.free[t]; len(l) > 0 {
		g.free[t] = l[:len(l)-1]
		return l[len(l)-1]
	}
	g.locals = append(g.locals, t)
	return uint32(len(g.locals) - 1)
}
func (g *gen) declareVar(n ast.Node, o types.Object) uint32 {
	i := g.local(g.wt(n, o.Type()))
	g.vars[o] = i
	g.frame.inside = append(g.frame.inside, o)
	return i
}
func (g *gen) zero(t byte) {
	switch t {
	case i32:
		g.i32(0)
	case i64:
		g.i64(0)
	default:
		g.simd(12)
		g.code = append(g.code, make([]byte, 16)...)
	}
}
func (g *gen) results(sig *types.Signature) {
	for i := 0; i < sig.Results().Len(); i++ {
		if r := sig.Results().At(i); r.Name() != "" {
			k := g.declareVar(g.frame.f.decl, r)
			g.zero(g.locals[k])
			g.set(k)
		}
	}
}
func uvar(b []byte) (uint32, int) {
	var v uint32
	for i, c := range b {
		v |= uint32(c&127) << (7 * i)
		if c < 128 {
			return v, i + 1
		}
	}
	return v, 0
}

// ---- statements

// block compiles a scope; its variables' locals are free again after it.
func (g *gen) block(b *ast.BlockStmt) { g.scope(func() { g.stmts(b.List) }) }
func (g *gen) scope(f func()) {
	mark := len(g.frame.inside)
	f()
	for _, o := range g.frame.inside[mark:] {
		i := g.vars[o]
		g.free[g.locals[i]] = append(g.free[g.locals[i]], i)
	}
	g.frame.inside = g.frame.inside[:mark]
}
func (g *gen) stmts(l []ast.Stmt) {
	for _, s := range l {
		g.stmt(s)
	}
}

func (g *gen) stmt(s ast.Stmt) {
	label := g.label
	g.label = ""
	switch s := s.(type) {
	case *ast.BlockStmt:
		g.block(s)
	case *ast.ExprStmt:
		call := s.X.(*ast.CallExpr)
		for range g.call(call) {
			g.op(0x1a)
		}
	case *ast.DeclStmt:
		for _, sp := range s.Decl.(*ast.GenDecl).Specs {
			v, ok := sp.(*ast.ValueSpec)
			if !ok || s.Decl.(*ast.GenDecl).Tok != token.VAR {
				continue
			}
			for i, n := range v.Names {
				if len(v.Values) > 0 {
					g.expr(v.Values[i])
				} else {
					g.zero(g.wt(n, g.info.Defs[n].Type()))
				}
				g.set(g.declareVar(n, g.info.Defs[n]))
			}
		}
	case *ast.AssignStmt:
		g.assign(s)
	case *ast.IncDecStmt:
		op := token.ADD
		if s.Tok == token.DEC {
			op = token.SUB
		}
		t := g.info.TypeOf(s.X)
		g.expr(s.X)
		g.constant(s, constant.MakeInt64(1), t)
		g.binary(s, op, t)
		g.store(s.X)
	case *ast.IfStmt:
		g.scope(func() {
			if s.Init != nil {
				g.stmt(s.Init)
			}
			// if c { continue/break } is one br_if
			if to, ok := g.jump(s); ok {
				g.branchIf(s.Cond, true, to)
				return
			}
			if shortCircuit(s.Cond) {
				g.open(0x02, none)
				end := g.depth
				if s.Else != nil {
					g.open(0x02, none)
				}
				g.branchIf(s.Cond, false, g.depth)
				g.block(s.Body)
				if s.Else != nil {
					g.br(end)
					g.end()
					g.stmt(s.Else)
				}
				g.end()
				return
			}
			g.expr(s.Cond)
			g.open(0x04, none)
			g.block(s.Body)
			if s.Else != nil {
				g.op(0x05)
				g.stmt(s.Else)
			}
			g.end()
		})
	case *ast.ForStmt:
		g.scope(func() {
			if s.Init != nil {
				g.stmt(s.Init)
			}
			g.open(0x02, none)
			brk := g.depth
			g.open(0x03, none)
			top := g.depth
			if s.Cond != nil {
				g.branchIf(s.Cond, false, brk)
			}
			cont := top
			if s.Post != nil {
				g.open(0x02, none)
				cont = g.depth
			}
			g.targets = append(g.targets, target{label, brk, cont})
			g.block(s.Body)
			g.targets = g.targets[:len(g.targets)-1]
			if s.Post != nil {
				g.end()
				g.stmt(s.Post)
			}
			g.br(top)
			g.end()
			g.end()
			if s.Cond == nil && !hasBreak(s.Body) {
				g.op(0x00)
			}
		})
	case *ast.SwitchStmt:
		g.switchStmt(s, label)
	case *ast.LabeledStmt:
		g.label = s.Label.Name
		g.stmt(s.Stmt)
	case *ast.BranchStmt:
		g.br(g.branch(s))
	case *ast.ReturnStmt:
		res := g.frame.sig.Results()
		switch {
		case len(s.Results) == 1 && res.Len() > 1:
			g.call(s.Results[0].(*ast.CallExpr))
		case len(s.Results) == 0:
			for i := 0; i < res.Len(); i++ {
				g.get(g.vars[res.At(i)])
			}
		default:
			for i, e := range s.Results {
				g.exprAs(e, res.At(i).Type())
			}
		}
		if g.frame.exit < 0 {
			g.op(0x0f)
		} else {
			g.br(g.frame.exit)
		}
	case *ast.EmptyStmt:
	default:
		g.fail(s, "statement %T is not in the subset", s)
	}
}

func hasBreak(b *ast.BlockStmt) (found bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		if x, ok := n.(*ast.BranchStmt); ok && x.Tok == token.BREAK {
			found = true // perhaps of an inner loop: then a harmless unreachable is missing
		}
		return !found
	})
	return
}

func (g *gen) branch(s *ast.BranchStmt) int {
	for i := len(g.targets) - 1; i >= 0; i-- {
		t := g.targets[i]
		if s.Label != nil && t.label != s.Label.Name {
			continue
		}
		if s.Tok == token.BREAK {
			return t.brk
		}
		if s.Tok == token.CONTINUE && t.cont >= 0 {
			return t.cont
		}
	}
	g.fail(s, "no target for %s", s.Tok)
	return 0
}
func (g *gen) jump(s *ast.IfStmt) (int, bool) {
	if s.Else != nil || len(s.Body.List) != 1 {
		return 0, false
	}
	b, ok := s.Body.List[0].(*ast.BranchStmt)
	if !ok {
		return 0, false
	}
	return g.branch(b), true
}

func (g *gen) switchStmt(s *ast.SwitchStmt, label string) {
	g.scope(func() {
		if s.Init != nil {
			g.stmt(s.Init)
		}
		var tag uint32
		var tt types.Type
		if s.Tag != nil {
			tt = g.info.TypeOf(s.Tag)
			g.expr(s.Tag)
			tag = g.local(g.wt(s.Tag, tt))
			g.set(tag)
		}
		g.open(0x02, none)
		g.targets = append(g.targets, target{label, g.depth, -1})
		ends := 0
		var def *ast.CaseClause
		for _, st := range s.Body.List {
			cl := st.(*ast.CaseClause)
			if cl.List == nil {
				def = cl
				continue
			}
			for i, e := range cl.List {
				if s.Tag != nil {
					g.get(tag)
					g.exprAs(e, tt)
					g.binary(e, token.EQL, tt)
				} else {
					g.expr(e)
				}
				if i > 0 {
					g.op(0x72)
				}
			}
			g.open(0x04, none)
			g.scope(func() { g.stmts(cl.Body) })
			g.op(0x05)
			ends++
		}
		if def != nil {
			g.scope(func() { g.stmts(def.Body) })
		}
		for ; ends > 0; ends-- {
			g.end()
		}
		g.targets = g.targets[:len(g.targets)-1]
		g.end()
		if s.Tag != nil {
			g.free[g.locals[tag]] = append(g.free[g.locals[tag]], tag)
		}
	})
}

func (g *gen) assign(s *ast.AssignStmt) {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE { // op=
		t := g.info.TypeOf(s.Lhs[0])
		op := s.Tok - token.ADD_ASSIGN + token.ADD
		g.expr(s.Lhs[0])
		if op == token.SHL || op == token.SHR {
			g.shiftCount(s.Rhs[0], t)
		} else {
			g.exprAs(s.Rhs[0], t)
		}
		g.binary(s, op, t)
		g.store(s.Lhs[0])
		return
	}
	if len(s.Rhs) == 1 && len(s.Lhs) > 1 {
		g.call(s.Rhs[0].(*ast.CallExpr))
	} else {
		for i, e := range s.Rhs {
			t := g.info.TypeOf(s.Lhs[i])
			if t == nil {
				t = g.info.TypeOf(e)
			}
			g.exprAs(e, t)
		}
	}
	for _, l := range s.Lhs {
		if id, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE {
			if o := g.info.Defs[id]; o != nil {
				g.declareVar(id, o)
			}
		}
	}
	for i := len(s.Lhs) - 1; i >= 0; i-- {
		g.store(s.Lhs[i])
	}
}

func (g *gen) store(l ast.Expr) {
	id, ok := l.(*ast.Ident)
	if !ok {
		g.fail(l, "only variables can be assigned; use vm.Put8 and the like")
	}
	if id.Name == "_" {
		g.op(0x1a)
		return
	}
	o := g.info.ObjectOf(id)
	if i, ok := g.vars[o]; ok {
		g.set(i)
	} else if i, ok := g.globals[o]; ok {
		g.opU(0x24, i)
	} else {
		g.fail(l, "cannot assign %s", id.Name)
	}
}

// ---- expressions

func (g *gen) constant(n ast.Node, v constant.Value, t types.Type) {
	if v.Kind() == constant.Bool {
		if constant.BoolVal(v) {
			g.i32(1)
		} else {
			g.i32(0)
		}
		return
	}
	v = constant.ToInt(v)
	x, ok := constant.Int64Val(v)
	if !ok {
		u, _ := constant.Uint64Val(v)
		x = int64(u)
	}
	if g.wt(n, t) == i64 {
		g.i64(x)
	} else {
		g.i32(x)
	}
}

// exprAs compiles e where a value of type t is wanted (untyped constants).
func (g *gen) exprAs(e ast.Expr, t types.Type) {
	if tv := g.info.Types[e]; tv.Value != nil {
		g.constant(e, tv.Value, t)
		return
	}
	g.expr(e)
}

func (g *gen) expr(e ast.Expr) {
	tv := g.info.Types[e]
	if tv.Value != nil {
		g.constant(e, tv.Value, tv.Type)
		return
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		g.expr(e.X)
	case *ast.Ident:
		o := g.info.ObjectOf(e)
		if i, ok := g.vars[o]; ok {
			g.get(i)
		} else if i, ok := g.globals[o]; ok {
			g.opU(0x23, i)
		} else {
			g.fail(e, "unknown %s", e.Name)
		}
	case *ast.UnaryExpr:
		switch e.Op {
		case token.NOT:
			g.not(e.X)
			return
		case token.SUB:
			g.constant(e, constant.MakeInt64(0), tv.Type)
			g.expr(e.X)
			g.binary(e, token.SUB, tv.Type)
		case token.XOR:
			g.expr(e.X)
			g.constant(e, constant.MakeInt64(-1), tv.Type)
			g.binary(e, token.XOR, tv.Type)
		default:
			g.fail(e, "operator %s", e.Op)
		}
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR:
			g.expr(e.X)
			g.open(0x04, i32)
			if e.Op == token.LAND {
				g.expr(e.Y)
				g.op(0x05)
				g.i32(0)
			} else {
				g.i32(1)
				g.op(0x05)
				g.expr(e.Y)
			}
			g.end()
			return
		case token.SHL, token.SHR:
			g.expr(e.X)
			g.shiftCount(e.Y, tv.Type)
			g.binary(e, e.Op, tv.Type)
			return
		}
		t := g.info.TypeOf(e.X)
		if g.info.Types[e.X].Value != nil {
			t = g.info.TypeOf(e.Y)
		}
		g.exprAs(e.X, t)
		if e.Op == token.EQL || e.Op == token.NEQ {
			if v := g.info.Types[e.Y].Value; v != nil && v.Kind() == constant.Int && constant.Sign(v) == 0 {
				if g.wt(e, t) == i64 {
					g.op(0x50)
				} else {
					g.op(0x45)
				}
				if e.Op == token.NEQ {
					g.op(0x45)
				}
				return
			}
		}
		g.exprAs(e.Y, t)
		g.binary(e, e.Op, t)
	case *ast.CallExpr:
		if n := g.call(e); len(n) != 1 {
			g.fail(e, "one value wanted")
		}
	case *ast.IndexExpr: // a constant table's element
		o := g.info.ObjectOf(e.X.(*ast.Ident))
		a, ok := g.arrays[o]
		if !ok {
			g.fail(e, "only constant tables can be indexed")
		}
		g.expr(e.Index)
		if a.Elem().Underlying().(*types.Basic).Kind() == types.Uint8 {
			g.op(0x2d, 0)
		} else {
			g.i32(2)
			g.op(0x74, 0x28, 2)
		}
		g.code = uleb(g.code, uint64(g.tables[o]))
		g.use(g.tables[o])
	default:
		g.fail(e, "expression %T is not in the subset", e)
	}
}

func shortCircuit(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return shortCircuit(e.X)
	case *ast.UnaryExpr:
		return e.Op == token.NOT && shortCircuit(e.X)
	case *ast.BinaryExpr:
		return e.Op == token.LAND || e.Op == token.LOR
	}
	return false
}

// branchIf branches to a block when e is what is wanted, and falls through otherwise.
func (g *gen) branchIf(e ast.Expr, want bool, to int) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		g.branchIf(x.X, want, to)
		return
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			g.branchIf(x.X, !want, to)
			return
		}
	case *ast.BinaryExpr:
		if x.Op != token.LAND && x.Op != token.LOR {
			break
		}
		if any := x.Op == token.LOR; any == want { // either operand decides
			g.branchIf(x.X, want, to)
			g.branchIf(x.Y, want, to)
		} else {
			g.open(0x02, none)
			g.branchIf(x.X, !want, g.depth)
			g.branchIf(x.Y, want, to)
			g.end()
		}
		return
	}
	if want {
		g.expr(e)
	} else {
		g.not(e)
	}
	g.brIf(to)
}

// not compiles !e.
func (g *gen) not(e ast.Expr) {
	if b, ok := e.(*ast.BinaryExpr); ok && g.info.Types[e].Value == nil {
		neg := map[token.Token]token.Token{token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR}
		if op, ok := neg[b.Op]; ok {
			n := *b
			n.Op = op
			g.info.Types[&n] = types.TypeAndValue{Type: g.info.TypeOf(e)}
			g.expr(&n)
			return
		}
	}
	g.expr(e)
	g.op(0x45)
}

func (g *gen) shiftCount(e ast.Expr, t types.Type) {
	want := g.wt(e, t)
	if v := g.info.Types[e].Value; v != nil {
		g.constant(e, v, t)
		return
	}
	g.expr(e)
	if have := g.wt(e, g.info.TypeOf(e)); have != want {
		if want == i64 {
			g.op(0xad)
		} else {
			g.op(0xa7)
		}
	}
	// Go gives 0 for shifts past the width; kernel code must not rely on that
}

func signed(t types.Type) bool {
	b := t.Underlying().(*types.Basic)
	return b.Info()&types.IsUnsigned == 0 && b.Info()&types.IsInteger != 0
}

var ops = map[token.Token][4]byte{ // i32 signed, i32 unsigned, i64 signed, i64 unsigned
	token.ADD: {0x6a, 0x6a, 0x7c, 0x7c}, token.SUB: {0x6b, 0x6b, 0x7d, 0x7d}, token.MUL: {0x6c, 0x6c, 0x7e, 0x7e},
	token.QUO: {0x6d, 0x6e, 0x7f, 0x80}, token.REM: {0x6f, 0x70, 0x81, 0x82},
	token.AND: {0x71, 0x71, 0x83, 0x83}, token.OR: {0x72, 0x72, 0x84, 0x84}, token.XOR: {0x73, 0x73, 0x85, 0x85},
	token.SHL: {0x74, 0x74, 0x86, 0x86}, token.SHR: {0x75, 0x76, 0x87, 0x88},
	token.EQL: {0x46, 0x46, 0x51, 0x51}, token.NEQ: {0x47, 0x47, 0x52, 0x52},
	token.LSS: {0x48, 0x49, 0x53, 0x54}, token.GTR: {0x4a, 0x4b, 0x55, 0x56}, token.LEQ: {0x4c, 0x4d, 0x57, 0x58}, token.GEQ: {0x4e, 0x4f, 0x59, 0x5a},
}

func (g *gen) binary(n ast.Node, op token.Token, t types.Type) {
	k := 0
	if g.wt(n, t) == i64 {
		k = 2
	}
	if !signed(t) {
		k++
	}
	if op == token.AND_NOT {
		if k >= 2 {
			g.i64(-1)
			g.op(0x85, 0x83)
		} else {
			g.i32(-1)
			g.op(0x73, 0x71)
		}
		return
	}
	o, ok := ops[op]
	if !ok {
		g.fail(n, "operator %s", op)
	}
	g.op(o[k])
	if b := t.Underlying().(*types.Basic); b.Kind() == types.Uint8 {
		switch op {
		case token.ADD, token.SUB, token.MUL, token.SHL:
			g.i32(255)
			g.op(0x71)
		}
	}
}

// call compiles a call or conversion and returns the types it leaves.
func (g *gen) call(e *ast.CallExpr) []byte {
	if tv := g.info.Types[e.Fun]; tv.IsType() {
		g.convert(e.Args[0], tv.Type)
		return []byte{g.wt(e, tv.Type)}
	}
	switch f := e.Fun.(type) {
	case *ast.Ident:
		if _, ok := g.info.ObjectOf(f).(*types.Builtin); ok {
			return g.builtin(e, f.Name)
		}
		fn, ok := g.fns[g.info.ObjectOf(f)]
		if !ok {
			g.fail(e, "%s is not in the subset", f.Name)
		}
		sig := g.info.TypeOf(f).(*types.Signature)
		for i, a := range e.Args {
			g.exprAs(a, sig.Params().At(i).Type())
		}
		if fn.inline {
			g.inlineCall(fn)
		} else {
			g.opU(0x10, fn.index)
		}
		return fn.result
	case *ast.SelectorExpr:
		return g.intrinsic(e, f.X.(*ast.Ident).Name+"."+f.Sel.Name)
	}
	g.fail(e, "call is not in the subset")
	return nil
}

func (g *gen) builtin(e *ast.CallExpr, name string) []byte {
	t := g.info.TypeOf(e)
	op := map[string]token.Token{"min": token.LSS, "max": token.GTR}[name]
	if op == 0 || len(e.Args) != 2 {
		g.fail(e, "%s is not in the subset", name)
	}
	k := g.wt(e, t)
	a, b := g.local(k), g.local(k)
	g.exprAs(e.Args[0], t)
	g.set(a)
	g.exprAs(e.Args[1], t)
	g.set(b)
	g.opU(0x20, a)
	g.opU(0x20, b)
	g.opU(0x20, a)
	g.opU(0x20, b)
	g.binary(e, op, t)
	g.op(0x1b)
	g.free[k] = append(g.free[k], a, b)
	return []byte{k}
}

// inlineCall expands fn; its arguments are on the stack.
func (g *gen) inlineCall(fn *fn) {
	outer, targets := g.frame, g.targets
	for f := outer; f != nil; f = nil {
		if f.f == fn {
			g.fail(fn.decl, "inline recursion")
		}
	}
	sig := g.info.Defs[fn.decl.Name].Type().(*types.Signature)
	saved := map[types.Object]uint32{}
	for k, v := range g.vars {
		saved[k] = v
	}
	g.frame = &frame{f: fn, sig: sig}
	g.targets = nil
	for i := len(fn.params) - 1; i >= 0; i-- {
		g.set(g.declareVar(fn.decl, sig.Params().At(i)))
	}
	g.openT(0x02, fn.result)
	g.frame.exit = g.depth
	g.results(sig)
	list := fn.decl.Body.List
	if endsInReturn(fn.decl.Body) { // the last return just falls out of the block
		g.stmts(list[:len(list)-1])
		for i, r := range list[len(list)-1].(*ast.ReturnStmt).Results {
			g.exprAs(r, sig.Results().At(i).Type())
		}
		if len(list[len(list)-1].(*ast.ReturnStmt).Results) == 0 {
			for i := 0; i < sig.Results().Len(); i++ {
				g.get(g.vars[sig.Results().At(i)])
			}
		}
	} else {
		g.stmts(list)
		if len(fn.result) > 0 {
			g.op(0x00)
		}
	}
	g.end()
	for _, o := range g.frame.inside {
		i := g.vars[o]
		g.free[g.locals[i]] = append(g.free[g.locals[i]], i)
	}
	g.vars, g.frame, g.targets = saved, outer, targets
}

func (g *gen) convert(e ast.Expr, t types.Type) {
	from := g.info.TypeOf(e)
	g.expr(e)
	a, b := g.wt(e, from), g.wt(e, t)
	switch {
	case a == i32 && b == i64:
		if signed(from) {
			g.op(0xac)
		} else {
			g.op(0xad)
		}
	case a == i64 && b == i32:
		g.op(0xa7)
	}
	if t.Underlying().(*types.Basic).Kind() == types.Uint8 && from.Underlying().(*types.Basic).Kind() != types.Uint8 {
		g.i32(255)
		g.op(0x71)
	}
}

type intr struct {
	code   []byte
	result []byte
}

var intrinsics = map[string]intr{
	"vm.U8": {[]byte{0x2d, 0, 0}, []byte{i32}}, "vm.U32": {[]byte{0x28, 0, 0}, []byte{i32}},
	"vm.Put8": {[]byte{0x3a, 0, 0}, nil}, "vm.Put32": {[]byte{0x36, 0, 0}, nil},
	"vm.Load": {[]byte{0xfd, 0, 0, 0}, []byte{v128}}, "vm.Store": {[]byte{0xfd, 11, 0, 0}, nil},
	"vm.Splat": {[]byte{0xfd, 15}, []byte{v128}}, "vm.Eq": {[]byte{0xfd, 35}, []byte{v128}}, "vm.Gt": {[]byte{0xfd, 40}, []byte{v128}},
	"vm.Or": {[]byte{0xfd, 80}, []byte{v128}}, "vm.Mask": {[]byte{0xfd, 100}, []byte{i32}},
	"vm.Copy": {[]byte{0xfc, 10, 0, 0}, nil}, "vm.Fill": {[]byte{0xfc, 11, 0}, nil},
	"vm.Pages": {[]byte{0x3f, 0}, []byte{i32}}, "vm.Grow": {[]byte{0x40, 0}, []byte{i32}}, "vm.Trap": {[]byte{0x00}, nil},
	"vm.Ror32": {[]byte{0x78}, []byte{i32}}, "vm.Clz32": {[]byte{0x67}, []byte{i32}}, "vm.Any": {[]byte{0xfd, 83}, []byte{i32}},
}

func (g *gen) intrinsic(e *ast.CallExpr, name string) []byte {
	if name == "vm.Lit" {
		s := constant.StringVal(g.info.Types[e.Args[0]].Value)
		a := g.lit(s)
		g.uses = append(g.uses, g.seg[a])
		g.i64(int64(uint64(a)<<32 | uint64(len(s))))
		return []byte{i64}
	}
	if name == "vm.Addr" { // &array
		a := g.tables[g.info.ObjectOf(e.Args[0].(*ast.UnaryExpr).X.(*ast.Ident))]
		g.use(a)
		g.i32(int64(a))
		return []byte{i32}
	}
	if name == "vm.Splat" { // a constant splat is a constant
		if v := g.info.Types[e.Args[0]].Value; v != nil {
			c, _ := constant.Uint64Val(constant.ToInt(v))
			g.simd(12)
			for range 16 {
				g.code = append(g.code, byte(c))
			}
			return []byte{v128}
		}
	}
	sig := g.info.TypeOf(e.Fun).(*types.Signature)
	for i, a := range e.Args {
		// address+constant becomes the instruction's offset
		if i == 0 && len(intrinsics[name].code) > 2 {
			if b, ok := a.(*ast.BinaryExpr); ok && b.Op == token.ADD && memOp(name) {
				if v := g.info.Types[b.Y].Value; v != nil {
					off, _ := constant.Uint64Val(constant.ToInt(v))
					g.expr(b.X)
					for j, r := range e.Args[1:] {
						g.exprAs(r, sig.Params().At(j+1).Type())
					}
					c := intrinsics[name].code
					g.op(c[:len(c)-1]...)
					g.code = uleb(g.code, off)
					return intrinsics[name].result
				}
			}
		}
		g.exprAs(a, sig.Params().At(i).Type())
	}
	switch name {
	case "vm.Ctz32":
		g.op(0x68)
	case "vm.Ctz64":
		g.op(0x7a, 0xa7)
	case "vm.Pop64":
		g.op(0x7b, 0xa7)
	case "vm.Bswap32":
		t := g.local(i32)
		g.set(t)
		g.get(t)
		g.i32(8)
		g.op(0x78)
		g.i32(int64(int32(bits.ReverseBytes32(0x00ff00ff))))
		g.op(0x71)
		g.get(t)
		g.i32(8)
		g.op(0x77)
		g.i32(0x00ff00ff)
		g.op(0x71, 0x72)
		g.free[i32] = append(g.free[i32], t)
	default:
		in, ok := intrinsics[name]
		if !ok {
			g.fail(e, "%s is not in the subset", name)
		}
		g.op(in.code...)
		return in.result
	}
	return []byte{i32}
}

func (g *gen) use(addr uint32) {
	if i, ok := g.seg[addr]; ok {
		g.uses = append(g.uses, i)
	}
}

func memOp(n string) bool {
	switch n {
	case "vm.U8", "vm.U32", "vm.Put8", "vm.Put32", "vm.Load", "vm.Store":
		return true
	}
	return false
}
