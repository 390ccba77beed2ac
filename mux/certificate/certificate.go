// Package certificate keeps the certificate of a TLS server in step with its files. Whoever
// renews them need not tell the server, and files that make no sense change nothing.
package certificate

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// lookEvery is how often Run compares the files with what is in use: a renewed certificate
// is then used well before the old one ends.
const lookEvery = time.Minute

// Files are PEM files.
type Files struct {
	// Cert holds the certificate and those between it and the authority; Key its key.
	Cert, Key string
	// ClientCA holds the certificates that a client's must be signed by. With none, clients
	// are not asked for one.
	ClientCA string
}

// Keeper holds the pair that new connections get.
type Keeper struct {
	log     zerolog.Logger
	now     func() time.Time
	every   time.Duration
	current atomic.Pointer[loaded]

	mu     sync.Mutex // guards what follows, and makes one of two reloads the later one
	files  Files
	failed string // the failure that was logged last
	warned warning
}

// loaded is what was in the files at one time.
type loaded struct {
	conf *tls.Config
	leaf *x509.Certificate
	sum  [sha256.Size]byte // of the files
}

// warning is what was said about the end of the certificate in use.
type warning int

const (
	warnedOfNothing warning = iota
	warnedOfEndSoon
	warnedOfEnd
)

// Open reads the files. The error names the file and what is wrong with it, and never shows
// what is in it.
func Open(files Files, log zerolog.Logger) (*Keeper, error) {
	k := &Keeper{log: log, now: time.Now, every: lookEvery, files: files}
	first, err := load(files)
	if err != nil {
		return nil, err
	}
	k.current.Store(first)
	k.warn()
	return k, nil
}

// Config is the configuration for a server. It offers HTTP/2 and HTTP/1.1, takes TLS 1.2 and
// newer, and shows each connection the newest certificate.
func (k *Keeper) Config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return k.current.Load().conf, nil },
	}
}

// Leaf is the certificate in use.
func (k *Keeper) Leaf() *x509.Certificate { return k.current.Load().leaf }

// Reload reads the files, which may be other ones than before, and reports whether there is
// anything new in them. After an error the old certificate stays in use.
func (k *Keeper) Reload(files Files) (changed bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reload(files)
}

func (k *Keeper) reload(files Files) (changed bool, err error) {
	next, err := load(files)
	if err != nil {
		return false, err
	}
	k.files, k.failed = files, ""
	if next.sum == k.current.Load().sum {
		return false, nil
	}
	k.current.Store(next)
	k.warned = warnedOfNothing
	k.warn()
	return true, nil
}

// Run follows the files until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	again := time.NewTicker(k.every)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			k.look()
		case <-ctx.Done():
			return
		}
	}
}

// look reloads and logs: a failure once, not every minute.
func (k *Keeper) look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch changed, err := k.reload(k.files); {
	case err != nil && err.Error() != k.failed:
		k.failed = err.Error()
		k.log.Error().Err(err).Time("old_ends", k.Leaf().NotAfter).Msg("the new TLS certificate cannot be used, the old one stays in use")
	case changed:
		k.log.Info().Time("ends", k.Leaf().NotAfter).Msg("new TLS certificate in use")
	}
	k.warn()
}

// warn logs once that the certificate ends soon, and once that it has ended. k.mu is held, or
// nobody else has k yet.
func (k *Keeper) warn() {
	leaf := k.Leaf()
	left, lifetime := leaf.NotAfter.Sub(k.now()), leaf.NotAfter.Sub(leaf.NotBefore)
	switch {
	case left <= 0 && k.warned < warnedOfEnd:
		k.warned = warnedOfEnd
		k.log.Error().Time("ended", leaf.NotAfter).Msg("the TLS certificate has ended: clients refuse it, renew it")
	case left > 0 && left < lifetime/10 && k.warned < warnedOfEndSoon:
		// Whoever renews by program does so long before: with a third of the time left.
		k.warned = warnedOfEndSoon
		k.log.Warn().Time("ends", leaf.NotAfter).Msg("the TLS certificate ends soon: renew it")
	}
}

func load(files Files) (*loaded, error) {
	cert, err := os.ReadFile(files.Cert)
	if err != nil {
		return nil, fmt.Errorf("read the TLS certificate: %w", err)
	}
	key, err := os.ReadFile(files.Key)
	if err != nil {
		return nil, fmt.Errorf("read the key of the TLS certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, explain(files, cert, key, err)
	}
	conf := &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		// Without h2 here, clients of gRPC refuse the connection.
		NextProtos: []string{"h2", "http/1.1"},
	}
	var authority []byte
	if files.ClientCA != "" {
		if authority, err = os.ReadFile(files.ClientCA); err != nil {
			return nil, fmt.Errorf("read the CA of clients: %w", err)
		}
		conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		if !conf.ClientCAs.AppendCertsFromPEM(authority) {
			return nil, fmt.Errorf("read the CA of clients: %s holds no certificate in PEM form", files.ClientCA)
		}
	}
	hash := sha256.New()
	for _, b := range [][]byte{cert, key, authority} {
		fmt.Fprintf(hash, "%d ", len(b))
		hash.Write(b)
	}
	return &loaded{conf: conf, leaf: pair.Leaf, sum: [sha256.Size]byte(hash.Sum(nil))}, nil
}

// explain says what is wrong with a pair in the words of who made it.
func explain(files Files, cert, key []byte, err error) error {
	keyBlock, _ := pem.Decode(key)
	certBlock, _ := pem.Decode(cert)
	switch {
	case certBlock == nil:
		return fmt.Errorf("read the TLS certificate: %s holds none in PEM form", files.Cert)
	case keyBlock == nil:
		return fmt.Errorf("read the key of the TLS certificate: %s holds none in PEM form", files.Key)
	case keyBlock.Type == "ENCRYPTED PRIVATE KEY" || keyBlock.Headers["DEK-Info"] != "":
		return fmt.Errorf("read the key of the TLS certificate: %s is protected by a pass phrase; openssl pkey -in %s -out NEW takes it off", files.Key, files.Key)
	default:
		return fmt.Errorf("the TLS certificate %s with the key %s: %w", files.Cert, files.Key, err)
	}
}
