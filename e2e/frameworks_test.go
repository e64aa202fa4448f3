package e2e

import (
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a framework behind the gate understands is what the gate's headers say. Each program of
// frameworks/ tells what it read.

// A framework is a program that echoes what it understood.
type framework struct {
	name    string
	debian  bool // its runtime is Debian's: .ci/run installs it
	needs   string
	command func(dir, port string) ([]string, error)
	addr    string
}

var frameworks = []*framework{
	{name: "express", needs: "node, and npm ci --prefix interop", command: func(_, port string) ([]string, error) {
		_, err := os.Stat("../interop/node_modules/express/package.json")
		return []string{"node", "frameworks/express.cjs", port}, err
	}},
	{name: "php", debian: true, needs: "apt-get install php-cli", command: func(_, port string) ([]string, error) {
		return []string{"php", "-S", "127.0.0.1:" + port, "frameworks/echo.php"}, nil
	}},
	{name: "rack", debian: true, needs: "apt-get install ruby-rack ruby-webrick", command: func(_, port string) ([]string, error) {
		return []string{"ruby", "frameworks/echo.rb", port}, exec.Command("ruby", "-e", "require 'rack'; require 'webrick'").Run()
	}},
	{name: "servlet", debian: true, needs: "apt-get install default-jdk-headless libtomcat9-java libgoogle-gson-java", command: func(dir, port string) ([]string, error) {
		path, err := servletPath()
		return []string{"java", "-cp", path, "frameworks/Echo.java", port, dir}, err
	}},
}

func servletPath() (string, error) {
	var jars []string
	for _, jar := range strings.Fields("gson tomcat9-catalina tomcat9-coyote tomcat9-juli tomcat9-util tomcat9-util-scan tomcat9-jni tomcat9-api" +
		" tomcat9-annotations-api tomcat9-servlet-api tomcat9-jaspic-api tomcat9-el-api tomcat9-jsp-api") {
		jars = append(jars, "/usr/share/java/"+jar+".jar")
	}
	if found, _ := filepath.Glob("/usr/share/java/{gson,tomcat9-catalina}.jar"); found == nil {
		for _, jar := range jars[:2] {
			if _, err := os.Stat(jar); err != nil {
				return "", err
			}
		}
	}
	return strings.Join(jars, ":"), nil
}

// run starts the program until the test ends. Where its runtime is not installed it skips the test,
// and says so.
func (f *framework) run(t *testing.T) {
	t.Helper()
	f.addr = freeAddress(t)
	_, port, err := net.SplitHostPort(f.addr)
	require.NoError(t, err)
	command, err := f.command(t.TempDir(), port)
	if err == nil {
		_, err = exec.LookPath(command[0])
	}
	if err != nil {
		if f.debian && os.Getenv("CHATGATE_E2E") == "required" {
			require.NoError(t, err, "not installed: "+f.needs)
		}
		t.Skipf("%s does not run, because it is not installed (%v): %s", f.name, err, f.needs)
	}
	ctx, cancel := untilShortlyBefore(t)
	program := exec.CommandContext(ctx, command[0], command[1:]...)
	var faults strings.Builder
	program.Stderr = &faults
	require.NoError(t, program.Start())
	exited := make(chan struct{})
	go func() {
		_ = program.Wait() // it is killed
		close(exited)
	}()
	t.Cleanup(func() {
		cancel()
		<-exited
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", f.addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-exited:
			require.NoError(t, errors.New(faults.String()), f.name+" does not start")
		default:
		}
		require.True(t, time.Now().Before(deadline), f.name+" does not get ready")
	}
}

// understood is what a framework tells: no part where it takes a request for something else.
type understood struct {
	Headers map[string]*string
	JSON    map[string]any
	Form    map[string]any
	Query   map[string]any
}

// frameworkConfig is a gate for every command, with a header for each field that is told. It stands
// before the recording backend, and under /framework before a framework.
const frameworkConfig = `
http:
  routers:
    chat: {rule: "PathPrefix('/')", middlewares: [chatgate], service: chat}
    framework: {rule: "PathPrefix('/framework')", middlewares: [chatgate], service: framework}
  middlewares:
    chatgate:
      plugin:
        chatgate:
          sdkAppId: 1400000000
          commands: ["Group.*"]
          headers: {X-Chat-Group-Id: GroupId, X-Chat-Operator: Operator_Account, X-Chat-App: SdkAppid}
  services:
    chat: {loadBalancer: {servers: [{url: "` + exampleBackend + `"}]}}
    framework: {loadBalancer: {servers: [{url: "FRAMEWORK"}]}}
`

const (
	frameworkQuery = "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterCreateGroup"
	// The object is open at both ends: members go in front of it and behind it.
	frameworkBody = `"CallbackCommand":"Group.CallbackAfterCreateGroup","GroupId":"good","Operator_Account":"admin","Type":"Public","Name":"Hike"`
)

// disguise is a request in which somebody could find another value than the gate.
type disguise struct {
	name   string
	query  string // all of it; empty: as it should be
	header string
	body   string // all of it; empty: as it should be
	plain  bool   // it must get through, and be understood
}

func disguises() []disguise {
	front := func(member string) string { return "{" + member + "," + frameworkBody + "}" }
	behind := func(member string) string { return "{" + frameworkBody + "," + member + "}" }
	value := func(field, text string) string {
		_, rest, _ := strings.Cut(frameworkBody, `"`+field+`":"`)
		old, _, _ := strings.Cut(rest, `"`)
		return "{" + strings.Replace(frameworkBody, `"`+field+`":"`+old+`"`, `"`+field+`":"`+text+`"`, 1) + "}"
	}
	const (
		asJSON = "Content-Type: application/json\n"
		asForm = "Content-Type: application/x-www-form-urlencoded\n"
	)
	list := []disguise{
		{name: "plain", header: asJSON, plain: true},
		{name: "plain, with a charset", header: "Content-Type: application/json; charset=utf-8\n", plain: true},
		{name: "plain, with the operator's own parameter", header: asJSON, query: frameworkQuery + "&tenant=7", plain: true},
		{name: "plain, with a member nobody knows", header: asJSON, body: behind(`"InviteOption":"DisableInvite"`), plain: true},
		{name: "Chinese names", header: asJSON, body: value("Operator_Account", "王小明"), plain: true},

		{name: "no Content-Type"},
		{name: "a form in a value", header: asForm, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form in a value, first", header: asForm, body: front(`"x":"&GroupId=evil&y="`)},
		{name: "a form with an account", header: asForm, body: behind(`"x":"&Operator_Account=evil&y="`)},
		{name: "a form with the app", header: asForm, body: behind(`"x":"&SdkAppid=666&y="`)},
		{name: "a form in UTF-8", header: "Content-Type: application/x-www-form-urlencoded; charset=utf-8\n", body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form, then JSON", header: asForm + asJSON, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "JSON, then a form", header: asJSON + asForm, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form and JSON in one", header: "Content-Type: application/x-www-form-urlencoded, application/json\n", body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "UTF-7", header: "Content-Type: application/json; charset=utf-7\n", body: behind(`"Gro+AHU-pId":"evil"`)},
		{name: "UTF-7 of IMAP", header: "Content-Type: application/json; charset=utf-7-imap\n", body: behind(`"Gro&AHU-pId":"evil"`)},
		{name: "UTF-7, a parameter given twice", header: "Content-Type: application/json; charset=utf-8; charset=utf-7\n", body: behind(`"Gro+AHU-pId":"evil"`)},
		{name: "escapes as a charset", header: "Content-Type: application/json; charset=unicode_escape\n", body: behind(`"Gro\\u0075pId":"evil"`)},
		{name: "a form under an alias", header: "Content_Type: application/x-www-form-urlencoded\n", body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form under an alias, beside JSON", header: "content_type: application/x-www-form-urlencoded\n" + asJSON, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form under an alias with a dot", header: "Content.Type: application/x-www-form-urlencoded\n" + asJSON, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "a form under a CGI name", header: "HTTP_CONTENT_TYPE: application/x-www-form-urlencoded\n" + asJSON, body: behind(`"x":"&GroupId=evil&y="`)},
		{name: "another method", header: "X-HTTP-Method-Override: GET\n" + asJSON, body: behind(`"_method":"PUT"`)},
		{name: "another method in the URL", header: asJSON, query: frameworkQuery + "&_method=GET"},
		{name: "another length under an alias", header: "Content_Length: 2\n" + asJSON},
		{name: "an encoding under an alias", header: "Content_Encoding: deflate\n" + asJSON},
		{name: "multipart", header: "Content-Type: multipart/form-data; boundary=b\n", body: behind(`"x":"--b\r\nContent-Disposition: form-data; name=\"GroupId\"\r\n\r\nevil\r\n--b--"`)},
	}
	for _, charset := range []string{"iso-8859-1", "gbk", "shift_jis", "utf-16", "utf-16le", "cp037"} {
		list = append(list, disguise{name: "a group that is not ASCII in " + charset, header: "Content-Type: application/json; charset=" + charset + "\n", body: value("GroupId", "组")})
	}
	for _, name := range []string{
		"Group_Id", "group-id", "GroupId_", "group_id", "Group Id", `GroupId\u0000x`, `GroupId\u0000`, `GroupId\u0030`, `\u0030GroupId`, "GroupId\x7f", "groupid", `\u0047roupId`,
		"GroupId[]", "__proto__", "OperatorAccount", "operator-account",
	} {
		field := `"` + name + `":"evil"`
		if name == "__proto__" {
			field = `"__proto__":{"GroupId":"evil"}`
		}
		list = append(list, disguise{name: "the name " + name + ", first", header: asJSON, body: front(field)}, disguise{name: "the name " + name + ", last", header: asJSON, body: behind(field)})
	}
	for _, text := range []string{`go\u0000od`, `go\u0001od`, `good\n`, `\u007fgood`} {
		list = append(list, disguise{name: "the value " + text, header: asJSON, body: value("GroupId", text)}, disguise{name: "the account " + text, header: asJSON, body: value("Operator_Account", text)})
	}
	for _, name := range []string{"[SdkAppid]", "]SdkAppid", "[[SdkAppid", "[][SdkAppid", "[]SdkAppid", "%5BSdkAppid%5D", "SdkAppid]", "SdkAppid[x]", "?SdkAppid", "%3FSdkAppid", "#SdkAppid", "#", "+SdkAppid", "SdkAppid%00", "SdkAppid.x", "SdkAppid[]"} {
		list = append(list, disguise{name: "the parameter " + name + ", first", header: asJSON, query: name + "=666&" + frameworkQuery}, disguise{name: "the parameter " + name + ", last", header: asJSON, query: frameworkQuery + "&" + name + "=666"})
	}
	for _, many := range []int{101, 1000, 1001} {
		list = append(list, disguise{name: "many parameters in front", header: asJSON, query: strings.Repeat("a=&", many) + frameworkQuery})
	}
	return list
}

func TestFrameworksUnderstandWhatTheGateSays(t *testing.T) {
	for _, f := range frameworks {
		f := f
		t.Run(f.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("end-to-end tests are left out in short mode")
			}
			f.run(t)
			g := startWith(t, strings.NewReplacer("FRAMEWORK", "http://"+f.addr, "'", "`").Replace(frameworkConfig))
			passed := 0
			for _, d := range disguises() {
				d := d
				t.Run(d.name, func(t *testing.T) {
					if d.query == "" {
						d.query = frameworkQuery
					}
					if d.body == "" {
						d.body = "{" + frameworkBody + "}"
					}
					reply := g.send(t, post("/framework?"+d.query, d.header, d.body))
					var told understood
					err := json.Unmarshal([]byte(reply.body), &told)
					if d.plain {
						require.Equal(t, 200, reply.status, reply.body)
						require.NoError(t, err, reply.body)
						require.NotEmpty(t, told.JSON, "it does not understand a plain callback")
						require.NotNil(t, told.Headers["GroupId"], "the gate's headers")
					}
					if reply.status == 200 && told.Headers["GroupId"] != nil {
						passed++
						told.agree(t)
					}
				})
			}
			t.Logf("%s: %d of %d got through", f.name, passed, len(disguises()))
			assert.Greater(t, passed, 20, "there is something to disagree about")
		})
	}
}

// agree holds each part against the gate's headers. What is a form, or has lost its names, may lack
// a field, but has no other.
func (u understood) agree(t *testing.T) {
	t.Helper()
	for field, header := range u.Headers {
		require.NotNil(t, header, "the gate's header for "+field)
		said, err := url.PathUnescape(*header)
		require.NoError(t, err)
		if u.JSON != nil && field != "SdkAppid" {
			assert.Equal(t, any(said), u.JSON[field], field+" in the body")
		}
		if u.Query != nil && field == "SdkAppid" {
			assert.Equal(t, any(said), u.Query[field], field+" in the URL")
		}
		if read, has := u.Form[field]; has {
			assert.Equal(t, any(said), read, field+" in a form")
		}
	}
}
