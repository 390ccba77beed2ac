//go:build race

package sdk_test

// slowdown is what the race detector costs.
const slowdown = 10
