package failure

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
)

// Body is the JSON of every REST error.
type Body struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Hint    string `json:"hint,omitempty"`
}

// HTTP returns the status code and the body of err as REST spells it.
func HTTP(err error) (int, Body) {
	kind, text := Of(err)
	r := table[kind]
	return r.http, Body{Message: text, Code: r.word, Hint: r.hint}
}

// Write answers a REST request with err.
func Write(w http.ResponseWriter, err error) {
	code, body := HTTP(err)
	var e *Error
	if errors.As(err, &e) && e.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.After.Seconds()))))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the caller may be gone
}
