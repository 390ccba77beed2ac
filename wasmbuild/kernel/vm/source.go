package vm

import "embed"

// Source holds this package's declarations, for the compiler.
//
//go:embed memory.go place.go simd.go bits.go
var Source embed.FS
