package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLSFiles are PEM files for connections by TLS.
type TLSFiles struct {
	// CA holds the certificates that the server's must be signed by; empty means
	// those the system trusts.
	CA string
	// Cert and Key identify this client, for a Redis that asks for it. They are
	// read again for every connection, so a renewed certificate is used by itself.
	Cert, Key string
}

func (f TLSFiles) any() bool { return f != TLSFiles{} }

// load puts the files into a configuration.
func (f TLSFiles) load(conf *tls.Config) error {
	if f.CA != "" {
		pem, err := os.ReadFile(f.CA)
		if err != nil {
			return fmt.Errorf("read the CA for Redis: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("read the CA for Redis: %s holds no certificate in PEM form", f.CA)
		}
	}
	if (f.Cert == "") != (f.Key == "") {
		return errors.New("a client certificate for Redis needs its key, and a key its certificate: name both files")
	}
	if f.Cert == "" {
		return nil
	}
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return nil, fmt.Errorf("read the client certificate for Redis: %w", err)
		}
		return &pair, nil
	}
	if _, err := read(); err != nil {
		return err
	}
	conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return read() }
	return nil
}
