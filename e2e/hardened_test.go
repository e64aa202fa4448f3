package e2e

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where the tests' clients come from. The first two stand for the vendor.
const (
	vendorAddress  = "127.0.0.1"
	anotherVendor  = "127.0.0.2"
	strangeAddress = "127.0.0.3"
)

// startHardened runs the hardened examples, the vendor at addresses of this machine, and beside the
// entry point with TLS the same without, which the harness needs. A router is added that names no
// middleware.
func startHardened(t *testing.T) (*gateway, string) {
	t.Helper()
	needsTraefik(t)
	needs(t, [3]int{3, 7, 12})
	certificates := t.TempDir()
	writeCertificate(t, certificates)
	static := readExample(t, "hardened-static.yml")
	_, block, _ := strings.Cut(static, "  websecure:")
	block, _, _ = strings.Cut(block, "\nproviders:")
	plain := replace(replace("  plain:"+block, `":8443"`, exampleAddress), "      tls: {}\n", "")
	static = replace(static, "entryPoints:\n", "entryPoints:\n"+plain)
	dynamic := replace(readExample(t, "hardened.yml"), "  middlewares:\n",
		"    forgotten:\n      rule: PathPrefix(`/forgotten`)\n      service: chat\n\n  middlewares:\n")
	secure := freeAddress(t)
	return startSetup(t, setup{static: replace(static, "accessLog:\n", "accessLog:\n  filePath: access.log\n"), dynamic: dynamic, replace: map[string]string{
		`":8443"`:          `"` + secure + `"`,
		"hardened.yml":     "dynamic.yml",
		"- 203.0.113.0/24": "- " + vendorAddress + "\n          - " + anotherVendor,
		"/etc/traefik":     certificates,
		"amount: 200":      "amount: 20",
		"readTimeout: 5s":  "readTimeout: 2s",
	}}), secure
}

func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "chat.example"}, DNSNames: []string{"chat.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]*pem.Block{
		"chat.pem":     {Type: "CERTIFICATE", Bytes: certificate},
		"chat-key.pem": {Type: "EC PRIVATE KEY", Bytes: private},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
}

// from sends a request from one of this machine's addresses.
func (g *gateway) from(t *testing.T, address, request string) reply {
	t.Helper()
	conn := g.dialFrom(t, address)
	defer conn.Close()
	return exchange(t, conn, request)
}

func (g *gateway) dialFrom(t *testing.T, address string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	conn, err := dialer.Dial("tcp", g.addr)
	if err != nil {
		t.Skip("this machine has no address "+address+" to dial from: ", err)
	}
	return conn
}

func exchange(t *testing.T, conn net.Conn, request string) reply {
	t.Helper()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	go func() { _, _ = io.WriteString(conn, onTheWire(request)) }()
	return readReply(t, bufio.NewReader(conn))
}

func readReply(t *testing.T, r *bufio.Reader) reply {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return reply{response.StatusCode, response.Header, string(text)}
}

// Each of the options that SECURITY.md recommends does what it says there.
func TestEveryRecommendationWorks(t *testing.T) {
	g, secure := startHardened(t)
	right := func(header string) string { return post("/callback?"+query+signed(oldToken), header, body) }

	t.Run("TLS", func(t *testing.T) {
		conn, err := tls.Dial("tcp", secure, &tls.Config{ServerName: "chat.example", InsecureSkipVerify: true}) //nolint:gosec // the test's own
		require.NoError(t, err)
		defer conn.Close()
		assert.Equal(t, "chat.example", conn.ConnectionState().PeerCertificates[0].Subject.CommonName)
		assert.Equal(t, 200, exchange(t, conn, right("")).status)
		require.Len(t, g.take(), 1)

		bare, err := net.Dial("tcp", secure)
		require.NoError(t, err)
		defer bare.Close()
		assert.NotEqual(t, 200, exchange(t, bare, right("")).status, "without TLS")
		assert.Empty(t, g.take())
	})

	t.Run("ipAllowList", func(t *testing.T) {
		assert.Equal(t, 200, g.from(t, anotherVendor, right("")).status)
		require.Len(t, g.take(), 1)
		assert.Equal(t, 403, g.from(t, strangeAddress, right("")).status)
		assert.Equal(t, 403, g.from(t, strangeAddress, right("X-Forwarded-For: "+vendorAddress+"\nX-Real-Ip: "+vendorAddress+"\n")).status, "an address that is only said")
		assert.Empty(t, g.take())
	})

	t.Run("the entry point's middlewares", func(t *testing.T) {
		forged := "X-Chat-Group-Id: forged\nX_chat_operator: forged\n"
		assert.Equal(t, 200, g.send(t, post("/forgotten", forged, body)).status)
		arrived := g.take()
		require.Len(t, arrived, 1)
		assert.Empty(t, arrived[0].gates(), "on a router that names no middleware")
		assert.Equal(t, 403, g.from(t, strangeAddress, post("/forgotten", "", body)).status)
	})

	t.Run("aliasHeadersStrategy", func(t *testing.T) {
		assert.Equal(t, 200, g.send(t, right("X_Own: alias\nX.Own: alias\nX-Own: kept\nX_Forwarded_For: 203.0.113.7\n")).status)
		arrived := g.take()
		require.Len(t, arrived, 1)
		assert.Equal(t, checked, arrived[0].gates())
		assert.Equal(t, []string{"kept"}, arrived[0].values("X-Own"))
		for _, name := range []string{"X_Own", "X.Own", "X_Forwarded_For"} {
			assert.Empty(t, arrived[0].values(name), name)
		}
	})

	t.Run("maxHeaderBytes", func(t *testing.T) {
		assert.Equal(t, 200, g.send(t, right("X-Long: "+strings.Repeat("x", 8<<10)+"\n")).status)
		require.Len(t, g.take(), 1)
		assert.Equal(t, 431, g.send(t, right("X-Long: "+strings.Repeat("x", 32<<10)+"\n")).status)
		assert.Empty(t, g.take())
	})

	t.Run("readTimeout and inFlightReq", func(t *testing.T) {
		var waiting []net.Conn
		for range 20 {
			conn := g.dialFrom(t, vendorAddress)
			defer conn.Close()
			_, err := io.WriteString(conn, strings.TrimSuffix(onTheWire(right("")), body))
			require.NoError(t, err)
			waiting = append(waiting, conn)
		}
		time.Sleep(200 * time.Millisecond)
		assert.Equal(t, 429, g.send(t, right("")).status, "one more from the same address")
		assert.Equal(t, 200, g.from(t, anotherVendor, right("")).status, "another address")
		started := time.Now()
		for _, conn := range waiting {
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
			readReply(t, bufio.NewReader(conn)).isRefusal(t, 40004)
		}
		assert.Less(t, time.Since(started), 4*time.Second)
		assert.Equal(t, 200, g.send(t, right("")).status, "when they are gone")
		require.Len(t, g.take(), 2)
	})

	t.Run("the access log", func(t *testing.T) {
		wrong := post("/callback?"+query+"&Sign="+strings.Repeat("0", 64)+"&RequestTime=1", "X-Chat-Group-Id: forged-in-the-log\nAuthorization: hidden\n", body)
		g.send(t, wrong).isRefusal(t, 40103)
		g.from(t, strangeAddress, post("/callback?"+query, "X-Chat-Group-Id: forged-before-the-gate\n", body))
		log := g.accessLog(t)
		for _, hidden := range []string{"Sign=", "SdkAppid", "hidden", "forged-in-the-log"} {
			assert.NotContains(t, log, hidden)
		}
		lines := strings.Split(strings.TrimSpace(log), "\n")
		var enriched map[string]any
		for _, line := range lines {
			var fields map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &fields), line)
			switch group := fields["request_X-Chat-Group-Id"]; {
			case group == "forged-before-the-gate": // as the examples warn
				assert.InDelta(t, 403, fields["DownstreamStatus"], 0)
			case group != nil:
				enriched = fields
			}
		}
		require.NotNil(t, enriched, log)
		assert.Equal(t, "@TGS#2J4SZEAEL", enriched["request_X-Chat-Group-Id"])
		assert.Equal(t, "leckie", enriched["request_X-Chat-Operator"])
		assert.Equal(t, "/callback", enriched["RequestPath"])
	})
}

// Tokens that stand in the dynamic configuration are shown by Traefik's API, those in a file are
// not.
func TestTheAPIShowsTokensOfTheConfiguration(t *testing.T) {
	needsTraefik(t)
	for example, shown := range map[string]bool{"rotation.yml": true, "token-file.yml": false} {
		t.Run(example, func(t *testing.T) {
			const exampleInternal = `":8081"`
			internal := freeAddress(t)
			static := replace(staticExample(t), "entryPoints:\n", "entryPoints:\n  traefik:\n    address: "+exampleInternal+"\n") + "\napi:\n  insecure: true\n"
			g := startSetup(t, setup{static: static, dynamic: readExample(t, example), replace: map[string]string{exampleInternal: `"` + internal + `"`}})
			require.Equal(t, 200, g.send(t, post("/callback?"+query+signed(oldToken), "", body)).status)
			answer := string(get(t, "http://"+internal+"/api/http/middlewares"))
			assert.Contains(t, answer, "1400000000")
			assert.Equal(t, shown, strings.Contains(answer, oldToken))
		})
	}
}
