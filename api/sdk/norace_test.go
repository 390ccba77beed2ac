//go:build !race

package sdk_test

// slowdown is the room that a loaded machine gets.
const slowdown = 1
