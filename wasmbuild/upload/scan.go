package upload

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

const (
	// maxEntries bounds every section, because engines keep far more for an entry than the
	// few bytes it takes in a module.
	maxEntries = 50_000
	// maxTable bounds the elements of all tables, which a module asks for with a number.
	maxTable = 1 << 20
)

// host has what every SDK offers to modules, besides WASI.
var host = []string{"kvExists", "httpRequest"}

const (
	hostModule = "env"
	wasiModule = "wasi_snapshot_preview1"
)

// wasi has the calls of WASI that a rule may import: what the language runtimes of Rust, Go
// and C need to start and to print. Nothing that opens a file or a connection.
var wasi = []string{
	"args_get", "args_sizes_get", "clock_res_get", "clock_time_get", "environ_get", "environ_sizes_get",
	"fd_close", "fd_fdstat_get", "fd_fdstat_set_flags", "fd_filestat_get", "fd_prestat_dir_name", "fd_prestat_get",
	"fd_read", "fd_seek", "fd_write", "poll_oneoff", "proc_exit", "random_get", "sched_yield",
}

// surface is what a module asks for and offers.
type surface struct {
	imports []imported
	exports map[string]wasm.ExternKind
}

type imported struct {
	module, name string
	kind         wasm.ExternKind
}

// scan reads the sections that say what a module imports and exports, and steps over the
// others. A *RefusedError says what is malformed.
func scan(module []byte) (*surface, error) {
	if !strings.HasPrefix(string(module[:min(len(module), len(wasm.Header))]), wasm.Header) {
		return nil, refuse("This is not a WebAssembly module of version 1; upload the .wasm file that your compiler writes.")
	}
	s := &surface{exports: map[string]wasm.ExternKind{}}
	top := &wasm.Reader{Rest: module[len(wasm.Header):]}
	for len(top.Rest) > 0 {
		id := top.Byte()
		section := &wasm.Reader{Rest: top.Bytes(top.U32())}
		if top.Err != nil {
			return nil, refuse("The module is cut off or damaged (%v in section %d); upload it again.", top.Err, id)
		}
		s.read(id, section)
		if section.Err != nil {
			return nil, refuse("The module is damaged (%v in section %d); upload it again.", section.Err, id)
		}
	}
	return s, nil
}

func (s *surface) read(id wasm.SectionID, r *wasm.Reader) {
	if id == wasm.SectionCustom || id == wasm.SectionStart {
		return
	}
	n := r.U32()
	if n > maxEntries {
		r.Fail(fmt.Sprintf("%d entries, more than %d", n, maxEntries))
	}
	switch {
	case r.Err != nil:
	case id == wasm.SectionImport:
		s.readImports(r, n)
	case id == wasm.SectionExport:
		s.readExports(r, n)
	case id == wasm.SectionTable:
		readTables(r, n)
	}
}

func readTables(r *wasm.Reader, n uint32) {
	var total uint64
	for range n {
		r.Byte()
		total += uint64(limits(r))
	}
	if total > maxTable {
		r.Fail(fmt.Sprintf("tables of %d elements, more than %d", total, maxTable))
	}
}

func (s *surface) readImports(r *wasm.Reader, n uint32) {
	for range n {
		i := imported{module: name(r), name: name(r), kind: r.Byte()}
		switch i.kind {
		case wasm.ExternFunc:
			r.U32()
		case wasm.ExternTable:
			r.Byte()
			limits(r)
		case wasm.ExternMemory:
			limits(r)
		case wasm.ExternGlobal:
			r.Bytes(2)
		default:
			r.Fail("unknown kind of import")
		}
		if r.Err != nil {
			return
		}
		s.imports = append(s.imports, i)
	}
}

func (s *surface) readExports(r *wasm.Reader, n uint32) {
	for range n {
		text, kind := name(r), r.Byte()
		r.U32()
		if r.Err != nil {
			return
		}
		s.exports[text] = kind
	}
}

func name(r *wasm.Reader) string { return string(r.Bytes(r.U32())) }

// limits returns the least size, in pages or elements.
func limits(r *wasm.Reader) uint32 {
	bounded := r.Byte()&1 != 0
	least := r.U32()
	if bounded {
		r.U32()
	}
	return least
}

// check compares a module with what SDKs offer and call.
func (s *surface) check(function string) error {
	for _, i := range s.imports {
		offered := i.kind == wasm.ExternFunc &&
			(i.module == hostModule && slices.Contains(host, i.name) || i.module == wasiModule && slices.Contains(wasi, i.name))
		if !offered {
			return refuse("The module imports %s.%s, which SDKs do not offer to rules; they offer env.kvExists, env.httpRequest and the parts of %s that do not touch files or the network.",
				brief(i.module), brief(i.name), wasiModule)
		}
	}
	var lacks []string
	want := func(text string, kind wasm.ExternKind) {
		if got, ok := s.exports[text]; !ok || got != kind {
			lacks = append(lacks, text)
		}
	}
	want("memory", wasm.ExternMemory)
	want("alloc", wasm.ExternFunc)
	want("dealloc", wasm.ExternFunc)
	want(function, wasm.ExternFunc)
	if len(lacks) > 0 {
		return refuse("The module does not export %s; SDKs need a memory and the functions alloc(i32) -> i32, dealloc(i32, i32) and %s(i32, i32) -> i64.",
			strings.Join(lacks, ", "), brief(function))
	}
	return nil
}

// brief keeps a hostile name from filling logs.
func brief(text string) string {
	const most = 200
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.ToValidUTF8(text, "?")
}
