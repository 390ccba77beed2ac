package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// sortTargets orders the targets by place, and those of one place by path. They
// nearly always are in order already.
//
//wasm:small
func sortTargets() {
	n := targetsEnd - targets
	if inOrder() || !room(targetsEnd+n+slack) {
		return
	}
	from, to := targets, targetsEnd
	for width := uint32(targetSize); width < n; width *= 2 {
		for at := uint32(0); at < n; at += 2 * width {
			mergeRuns(from+at, from+min(at+width, n), from+min(at+2*width, n), to+at)
		}
		from, to = to, from
	}
	if from != targets {
		vm.Copy(targets, from, n)
	}
}

//wasm:small
func inOrder() bool {
	for t := targets + targetSize; t < targetsEnd; t += targetSize {
		if before(t, t-targetSize) {
			return false
		}
	}
	return true
}

// before compares two targets.
//
//wasm:small
func before(a, b ptr) bool {
	if vm.U32(a) != vm.U32(b) {
		return vm.U32(a) < vm.U32(b)
	}
	return vm.U32(a+targetOrder) < vm.U32(b+targetOrder)
}

// mergeRuns merges the sorted runs [a,b) and [b,c) to o.
//
//wasm:small
func mergeRuns(a, b, c, o ptr) {
	for p, q := a, b; p < b || q < c; o += targetSize {
		if q >= c || p < b && !before(q, p) {
			vm.Store(o, vm.Load(p))
			p += targetSize
		} else {
			vm.Store(o, vm.Load(q))
			q += targetSize
		}
	}
}
