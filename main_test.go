package main

import (
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// withoutFiles makes the test binary check roots instead of running tests.
const withoutFiles = "STREAMDAL_TEST_CHECK_ROOTS"

// authorities sign for Slack, PagerDuty and SES, and for most mail servers.
var authorities = []string{"ISRG Root X1", "DigiCert Global Root G2", "Amazon Root CA 1"}

func TestMain(m *testing.M) {
	if os.Getenv(withoutFiles) != "" {
		if err := checkRoots(); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// The program verifies certificates of public services where no file holds their authorities.
func TestRootsWithoutFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // elsewhere the system verifies
	}
	t.Parallel()
	empty := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{withoutFiles + "=1", "SSL_CERT_DIR=" + empty, "SSL_CERT_FILE=" + empty + "/none"}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// checkRoots verifies what public authorities have signed: at least themselves.
func checkRoots() error {
	missing := strings.Join(authorities, ", ")
	for root := range bundle.Roots() {
		cert, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			return err
		}
		if !strings.Contains(missing, cert.Subject.CommonName) || cert.Subject.CommonName == "" {
			continue
		}
		if _, err := cert.Verify(x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			return err
		}
		missing = strings.Trim(strings.Replace(missing, cert.Subject.CommonName, "", 1), ", ")
	}
	if missing != "" {
		return errors.New("nobody knows " + missing)
	}
	return nil
}
