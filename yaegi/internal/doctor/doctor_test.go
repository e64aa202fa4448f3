package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/yaegi"
)

func examples(t *testing.T) string {
	t.Helper()
	root, err := yaegi.Root()
	require.NoError(t, err)
	return filepath.Join(root, "examples")
}

// static names the static configuration that goes with an example.
func static(name string) []string {
	switch name {
	case "hardened.yml":
		return []string{"hardened-static.yml"}
	case "compose.yml", "kubernetes.yml", "traefik.yml", "access-log.yml", "hardened-static.yml":
		return nil
	}
	return []string{"traefik.yml"}
}

func TestSilentOnExamples(t *testing.T) {
	dir := examples(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		findings, err := Examine([]string{file})
		require.NoError(t, err, file)
		assert.Empty(t, findings, file)
		var together []string
		for _, other := range static(filepath.Base(file)) {
			together = append(together, filepath.Join(dir, other))
		}
		findings, err = Examine(append(together, file))
		require.NoError(t, err, file)
		assert.Empty(t, findings, "%s, and what goes with it", file)
	}
}

// A twin is an example with a mistake.
type twin struct {
	example, right, wrong string
	found                 string // part of the finding
	line                  string // a line of the twin that the finding is about: what it begins with, less the indentation
}

const silentInsecure = "\napi:\n  insecure: true\n"

var twins = []twin{
	// Options that Traefik ignores, or that keep a router from starting.
	{"dynamic.yml", "          path: /callback", "          paht: /callback", `no option "paht"`, "paht"},
	{"headers.yml", "          headers:", "          header:", `no option "header"`, "header"},
	{"monitor.yml", "mode: monitor", "mode: watch", `mode: "watch" is not allowed`, "mode"},
	{"rotation.yml", "          token:", "          tokens:", `no option "tokens"`, "tokens"},
	{"moderation.yml", "beforeFailure: deny", "beforeFailure: refuse", `beforeFailure: "refuse" is not allowed`, "beforeFailure"},
	{"metrics-static.yml", "    queryParameters:\n      defaultMode: drop", "    queryParameters:\n      defaultMode: keep", "keeps the query", "accessLog"},
	{"token-file.yml", "tokenFile:", "token-file:", `no option "token-file"`, "token-file"},
	{"compose.yml", "chatgate.tokenFile:", "chatgate.tokensFile:", `no option "tokensFile"`, "traefik.http.middlewares.chatgate.plugin.chatgate.tokensFile"},
	{"kubernetes.yml", "      path: /callback", "      pathPrefix: /callback", `no option "pathPrefix"`, "pathPrefix"},
	{"headers.yml", "X-Chat-Owner: Owner_Account", "X-Chat-Owner: OwnerAccount", `headers.X-Chat-Owner: "OwnerAccount" is not allowed`, "X-Chat-Owner"},
	{"dynamic.yml", "sdkAppId: 1400000000", "sdkAppId: app", `sdkAppId: "app" is not allowed`, "sdkAppId"},
	// Ways past the gate.
	{"resilient.yml", "      rule: PathPrefix(`/`)\n      middlewares: [chatgate]", "      rule: PathPrefix(`/`)", `router "others" reaches the gate's backend`, "others"},
	{"dynamic.yml", "  middlewares:\n    chatgate:\n      plugin", "    bypass:\n      rule: Host(`internal`)\n      service: other\n  middlewares:\n    chatgate:\n      plugin",
		"", ""}, // another backend is no finding
	{"hardened-static.yml", "providers:", "  web:\n    address: \":8080\"\n    http:\n      aliasHeadersStrategy: delete\nproviders:", `entry point "web" lets the router "chat"`, "web"},
	{"hardened-static.yml", ", chatgate@file]", "]", `the gate "chatgate" stands before nothing`, ""},
	{"kubernetes.yml", "    - kind: Rule", "    - kind: Rule\n      match: Path(`/admin`)\n      services:\n        - name: chat\n          port: 9000\n    - kind: Rule", "route 1", "- kind"},
	{"compose.yml", "      traefik.http.services.chat", "      traefik.http.routers.admin.rule: Path(`/admin`)\n      traefik.http.services.chat", `router "admin" reaches`, "traefik.http.routers.admin.rule"},
	{"dynamic.yml", "middlewares: [chatgate]", "middlewares: [chatgaet]", `names the middleware "chatgaet"`, "middlewares"},
	{"traefik.yml", "    chatgate: #", "    gate: #", "", ""}, // alone, it may be right
	// Tokens and signatures in the open.
	{"traefik.yml", "\nproviders:", silentInsecure + "\nproviders:", "", ""}, // without tokens, nothing is shown
	{"compose.yml", "accessLog=true", "accessLog=true\n      - --api.insecure=true", "", ""},
	{"traefik.yml", "\nproviders:", "\naccessLog: {}\n\nproviders:", "keeps the query", "accessLog"},
	{"access-log.yml", "defaultMode: drop", "defaultMode: keep", "keeps the query", "accessLog"},
	{"hardened-static.yml", "    queryParameters:\n      defaultMode: drop", "    queryParameters:\n      defaultMode: keep", "keeps the query", "accessLog"},
	{"compose.yml", "      - --accessLog.fields.queryParameters.defaultMode=drop", "      - --accessLog.format=json", "keeps the query", "- --accessLog=true"},
	// What does nothing.
	{"resilient.yml", "        retryNonIdempotentMethod: true", "        # retryNonIdempotentMethod: true", "sends no callback again", "retry"},
	{"resilient.yml", "        status: 500-599 # a failure of", "        # a failure of", "only where a connection fails", "retry"},
	{"resilient.yml", "        errors:\n          status: 500-599", "        # errors:\n        # status: 500-599", "falls back only while", "failover"},
	// Names such as X_Real_Ip.
	{"hardened-static.yml", "      aliasHeadersStrategy: delete", "      # aliasHeadersStrategy: delete", "has no aliasHeadersStrategy", "websecure"},
	{"hardened-static.yml", "aliasHeadersStrategy: delete", "aliasHeadersStrategy: keep", "passes on header names", "aliasHeadersStrategy"},
	{"hardened.yml", "path: /callback", "paths: /callback", `no option "paths"`, "paths"},
}

func TestWrongTwins(t *testing.T) {
	dir := examples(t)
	seen := map[string]bool{}
	for _, tw := range twins {
		content, err := os.ReadFile(filepath.Join(dir, tw.example))
		require.NoError(t, err)
		text := string(content)
		require.Contains(t, text, tw.right, tw.example)
		wrong := strings.Replace(text, tw.right, tw.wrong, 1)
		name := filepath.Join(t.TempDir(), tw.example)
		require.NoError(t, os.WriteFile(name, []byte(wrong), 0o600))
		files := []string{name}
		for _, other := range static(tw.example) {
			files = append(files, filepath.Join(dir, other))
		}
		if tw.example == "hardened-static.yml" {
			files = append(files, filepath.Join(dir, "hardened.yml"))
		}
		findings, err := Examine(files)
		require.NoError(t, err)
		if tw.found == "" {
			assert.Empty(t, findings, "%s: %s", tw.example, tw.wrong)
			continue
		}
		seen[tw.example] = true
		i := slices.IndexFunc(findings, func(f Finding) bool { return strings.Contains(f.What, tw.found) })
		if !assert.GreaterOrEqual(t, i, 0, "%s: expected %q, found %v", tw.example, tw.found, findings) {
			continue
		}
		assert.NotEmpty(t, findings[i].Mend)
		if tw.line != "" {
			assert.Equal(t, name, findings[i].File)
			line := strings.TrimSpace(strings.Split(wrong, "\n")[findings[i].Line-1])
			assert.True(t, strings.HasPrefix(line, tw.line), "%s:%d is %q, expected %q", tw.example, findings[i].Line, line, tw.line)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.yml"))
	require.NoError(t, err)
	for _, file := range files {
		assert.True(t, seen[filepath.Base(file)], "no wrong twin of %s", file)
	}
}

// examine examines texts as files of one configuration.
func examine(t *testing.T, texts ...string) []Finding {
	t.Helper()
	files := []string{}
	for _, text := range texts {
		name := filepath.Join(t.TempDir(), "file.yml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		files = append(files, name)
	}
	findings, err := Examine(files)
	require.NoError(t, err)
	return findings
}

func example(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(examples(t), name))
	require.NoError(t, err)
	return string(content)
}

func TestTokensInTheOpen(t *testing.T) {
	insecure := example(t, "traefik.yml") + silentInsecure
	findings := examine(t, insecure, example(t, "rotation.yml"))
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].What, "api.insecure shows the tokens of chatgate")
	assert.Equal(t, strings.Count(insecure, "\n"), findings[0].Line)
	assert.Contains(t, findings[0].Mend, "tokenFile")
	assert.Empty(t, examine(t, insecure, example(t, "token-file.yml")))

	shown := strings.Replace(example(t, "rotation.yml"), "  routers:\n", "  routers:\n    api: {rule: Host(`api`), service: api@internal}\n", 1)
	findings = examine(t, shown)
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].What, `router "api" shows the API`)
}

func TestWays(t *testing.T) {
	const config = `
http:
  routers:
    chat: {rule: Path("/callback"), middlewares: [all@file], service: chat}
    other: {rule: PathPrefix("/"), service: both}
  middlewares:
    all: {chain: {middlewares: [chatgate]}}
    chatgate: {plugin: {chatgate: {sdkAppId: 1}}}
  services:
    chat: {loadBalancer: {servers: [{url: "http://a:1/"}]}}
    both: {weighted: {services: [{name: spare, weight: 1}, {name: same, weight: 1}]}}
    same: {loadBalancer: {servers: [{url: "http://a:1"}]}}
    spare: {loadBalancer: {servers: [{url: "http://b:1"}]}}
`
	findings := examine(t, config)
	require.Len(t, findings, 1, "the same address is the same backend, whatever its name")
	assert.Contains(t, findings[0].What, `router "other" reaches the gate's backend (http://a:1)`)
	assert.Equal(t, 5, findings[0].Line)
	assert.Empty(t, examine(t, strings.Replace(config, "{name: same, weight: 1}", "", 1)))

	findings = examine(t, strings.Replace(config, "{name: same, weight: 1}", "", 1)+
		"tcp:\n  routers:\n    raw: {rule: HostSNI(`*`), service: raw}\n  services:\n    raw: {loadBalancer: {servers: [{address: \"a:1\"}]}}\n")
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].What, `TCP router "raw" reaches the gate's backend (a:1)`)

	const static = "experimental: {localPlugins: {other: {moduleName: github.com/other/other}}}\nentryPoints: {web: {address: \":80\"}}\n"
	findings = examine(t, static, strings.Replace(config, "{name: same, weight: 1}", "", 1))
	require.Len(t, findings, 1)
	assert.Contains(t, findings[0].What, `plugin "chatgate" is not declared`)
}

func TestEveryFaultHasItsLine(t *testing.T) {
	findings := examine(t, "http:\n middlewares:\n  gate:\n   plugin:\n    chatgate:\n     mode: lax\n     signWindow: 1d\n     reply: none\n     PATH: callback\n")
	lines := []int{}
	for _, f := range findings {
		lines = append(lines, f.Line)
	}
	assert.Equal(t, []int{5, 6, 7, 8, 9}, lines, "%v", findings)
}

func TestAFolderIsRead(t *testing.T) {
	findings, err := Examine([]string{examples(t)})
	require.NoError(t, err)
	assert.NotNil(t, findings)
}

func TestWhatIsNoConfiguration(t *testing.T) {
	for _, text := range []string{"", "a: 1", "http: [", "- a"} {
		name := filepath.Join(t.TempDir(), "file.yml")
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		_, err := Examine([]string{name})
		require.ErrorContains(t, err, name, text)
	}
	_, err := Examine([]string{"/no/such/file"})
	require.Error(t, err)
}
