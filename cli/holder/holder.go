// Package holder finds the process that has what this one needs: an address, or the lock of a
// file. It knows only what the system shows to this user, and says nothing rather than guess.
package holder

import (
	"fmt"
	"runtime"
)

// Process is a process, as far as the system shows it.
type Process struct {
	PID  int    // 0 when only the user could be seen
	Name string // of the program; may be empty
	User string // name or number; may be empty
}

// String describes the process in a sentence: "process 12 (nginx) of user root".
func (p Process) String() string {
	text := "a process"
	if p.PID != 0 {
		text = fmt.Sprintf("process %d", p.PID)
	}
	if p.Name != "" {
		text += " (" + p.Name + ")"
	}
	if p.User != "" {
		text += " of user " + p.User
	}
	return text
}

// LookForPort is a command that shows a person who listens on a port.
func LookForPort(port string) string {
	switch runtime.GOOS {
	case "linux":
		return "ss -ltnp 'sport = :" + port + "'"
	case "windows":
		return "netstat -ano | findstr :" + port
	default:
		return "lsof -nP -iTCP:" + port + " -sTCP:LISTEN"
	}
}

// LookForFile is a command that shows a person who has a file open, "" when the system has none.
func LookForFile(path string) string {
	if runtime.GOOS == "windows" {
		return ""
	}
	return "lsof '" + path + "'"
}
