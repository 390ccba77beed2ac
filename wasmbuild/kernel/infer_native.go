//go:build !gowasm

package kernel

func init() {
	entries["inferSchema"] = inferSchema
	variables["State"], variables["StateEnd"] = &State, &StateEnd
}

// ForgetSchema makes the native instance of schema inference a fresh one.
func ForgetSchema() { known, busy = false, false }
