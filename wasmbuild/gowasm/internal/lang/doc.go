// Package lang holds one small function for each construct of the subset. The
// compiler's test calls each natively and compiled, with many arguments, and
// compares.
package lang
