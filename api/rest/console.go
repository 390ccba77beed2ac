package rest

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"github.com/streamdal/streamdal-server/api/failure"
)

// contentSecurityPolicy lets the Console use its own files and its own server, and nobody
// else embed it.
const contentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

const (
	index = "index.html"
	// The build names the files below assets after their content, so they never change;
	// everything else may be another file after an upgrade.
	assets      = "assets/"
	cacheAssets = "public, max-age=31536000, immutable"
	cacheOther  = "no-cache"

	noConsole = "This build of streamdal-server has no Console. Use a release, or build without the tag no_ui.\n"
)

// types are the media types of the files a build has. The system's own table is not asked:
// it differs between machines.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp",
	".woff2": "font/woff2", ".json": "application/json", ".map": "application/json",
	".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

// console serves the files of ui. A path that is no file and does not look like one is a
// page of the Console, which finds its way by itself once index.html is there.
func console(ui fs.FS) http.Handler {
	if ui == nil {
		return text(noConsole)
	}
	return gzhttp.GzipHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		err := serveFile(w, r, ui, name)
		if errors.Is(err, fs.ErrNotExist) && !looksLikeFile(name) {
			err = serveFile(w, r, ui, index)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			notFound().ServeHTTP(w, r)
		case err != nil:
			failure.Write(w, err)
		}
	}))
}

// looksLikeFile keeps a missing file from being answered with a page. Pages may have dots
// in their path, because names of services do.
func looksLikeFile(name string) bool {
	return types[path.Ext(name)] != "" || strings.HasPrefix(name, assets)
}

// serveFile answers with a file of ui, or returns fs.ErrNotExist.
func serveFile(w http.ResponseWriter, r *http.Request, ui fs.FS, name string) error {
	if !fs.ValidPath(name) {
		return fs.ErrNotExist
	}
	file, err := ui.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	content, seekable := file.(io.ReadSeeker)
	if info.IsDir() || !seekable {
		return fs.ErrNotExist
	}
	// Never a guess from the content.
	w.Header().Set("Content-Type", cmp.Or(types[path.Ext(name)], "application/octet-stream"))
	w.Header().Set("Cache-Control", cacheOther)
	if strings.HasPrefix(name, assets) {
		w.Header().Set("Cache-Control", cacheAssets)
	}
	http.ServeContent(w, r, name, info.ModTime(), content)
	return nil
}
