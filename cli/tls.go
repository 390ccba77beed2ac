package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/streamdal/streamdal-server/mux/certificate"
)

// tlsFlags say whether and how to serve TLS.
type tlsFlags struct {
	TLSCert     string `name:"tls-cert" placeholder:"FILE" help:"Certificate (PEM) to serve TLS with, beside clear text on the same port. Read again when it changes."`
	TLSKey      string `name:"tls-key" placeholder:"FILE" help:"Key (PEM) of --tls-cert."`
	TLSClientCA string `name:"tls-client-ca" placeholder:"FILE" help:"Take from clients that use TLS only certificates that are signed by one of these (PEM)."`
	TLSOnly     bool   `name:"tls-only" help:"Refuse clear text. The original's SDKs speak nothing else."`
}

func (f tlsFlags) validate(demo bool) error {
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together: give both")
	case f.TLSOnly && demo:
		return errors.New("--demo and --tls-only exclude each other: the sample services use clear text, as SDKs do")
	}
	return nil
}

// files are the files to serve TLS with; those of the service manager, when it gives some and
// nothing else is said. There are none when TLS is not wanted.
func (f tlsFlags) files(getenv func(string) string) (files certificate.Files, ok bool, err error) {
	files = certificate.Files{Cert: f.TLSCert, Key: f.TLSKey, ClientCA: f.TLSClientCA}
	if files.Cert == "" {
		files.Cert, files.Key = credential(getenv, "tls-cert"), credential(getenv, "tls-key")
		if (files.Cert == "") != (files.Key == "") {
			return files, false, misuse("the credentials tls-cert and tls-key go together: give both")
		}
	}
	if files.Cert == "" && (f.TLSOnly || f.TLSClientCA != "") {
		return files, false, misuse("--tls-only and --tls-client-ca need --tls-cert and --tls-key")
	}
	return files, files.Cert != "", nil
}

// misuse is an error for which the exit status is that of arguments that make no sense.
type misuse string

func (m misuse) Error() string { return string(m) }

// ExitCode makes the service manager not try again.
func (misuse) ExitCode() int { return exitMisuse }

// openTLS reads the certificate. Without one, s.tls stays nil.
func (s *server) openTLS() error {
	files, ok, err := s.cmd.TLS.files(s.app.Getenv)
	if err != nil || !ok {
		return err
	}
	if s.tls, err = certificate.Open(files, s.log); err != nil {
		return err
	}
	if files.ClientCA != "" && !s.cmd.TLS.TLSOnly {
		s.log.Warn().Msg("clients that use clear text are not asked for a certificate: --tls-only refuses them")
	}
	return nil
}

// tlsConfig is nil without a certificate.
func (s *server) tlsConfig() *tls.Config {
	if s.tls == nil {
		return nil
	}
	return s.tls.Config()
}

// scheme is how a person's browser should come.
func (s *server) scheme() string {
	if s.cmd.TLS.TLSOnly {
		return "https://"
	}
	return "http://"
}

// peerFlags are for a client of a server that uses TLS. Variables would be those of serve on
// the same machine, which mean its own certificate.
type peerFlags struct {
	TLSCA   string `name:"tls-ca" placeholder:"FILE" env:"-" help:"Certificates (PEM) that the server's must be signed by; turns TLS on."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" env:"-" help:"Certificate (PEM) to show to a server that asks for one; turns TLS on."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" env:"-" help:"Key (PEM) of --tls-cert."`
}

func (f peerFlags) validate() error {
	if (f.TLSCert == "") != (f.TLSKey == "") {
		return errors.New("--tls-cert and --tls-key go together: give both")
	}
	return nil
}

// config is how to reach addr, which may be host:port, http://host:port or https://host:port,
// and what is left of it. It is nil for clear text. ours says that the server has noted the
// address in its data directory.
func (f peerFlags) config(addr string, ours bool) (host string, conf *tls.Config, err error) {
	scheme, host, found := strings.Cut(addr, "://")
	switch {
	case !found:
		host = addr
	case scheme != "http" && scheme != "https":
		return "", nil, fmt.Errorf("%s: write host:port, or https://host:port for TLS", addr)
	}
	host = strings.TrimSuffix(host, "/")
	if scheme != "https" && f == (peerFlags{}) {
		return host, nil, nil
	}
	conf = &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Such an address is this machine's own, and the certificate is hardly for "localhost".
		InsecureSkipVerify: ours && f.TLSCA == "",
	}
	if f.TLSCA != "" {
		pem, err := os.ReadFile(f.TLSCA)
		if err != nil {
			return "", nil, fmt.Errorf("--tls-ca: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return "", nil, fmt.Errorf("--tls-ca: %s holds no certificate in PEM form", f.TLSCA)
		}
	}
	if f.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(f.TLSCert, f.TLSKey)
		if err != nil {
			return "", nil, fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return host, conf, nil
}
