package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chatgate/chatgate/internal/protocol"
	"github.com/chatgate/chatgate/yaegi/internal/sample"
)

var pageAt = regexp.MustCompile(`^Every callback, and what was checked: (http://\S+)`)

// page is where a gateway's page is, which it says first.
func (g *gateway) page(t *testing.T) string {
	found := pageAt.FindStringSubmatch(g.stdout.String())
	require.NotNil(t, found, g.stdout.String())
	return found[1]
}

// rows waits until the list has so many callbacks.
func (p *tab) rows(count int) {
	p.t.Helper()
	p.awaitText("#count", fmt.Sprintf("%d callback", count))
}

// watchButtons has the page note every button that there ever is, and every one that is pressed.
const watchButtons = `(() => {
	const name = (b) => b.id || (b.getAttribute('aria-label') ? 'field' : 'more')
	window.seen = new Set(); window.pressed = new Set()
	const look = () => document.querySelectorAll('button, a.button').forEach((b) => seen.add(name(b)))
	new MutationObserver(look).observe(document, { subtree: true, childList: true })
	look()
	addEventListener('click', (e) => { const b = e.target.closest('button, a.button'); if (b) pressed.add(name(b)) }, true)
	return true
})()`

// TestEveryButton presses every button of the page. Whoever adds one has to press it here.
func TestEveryButton(t *testing.T) {
	gate := startGateway(t, "{sdkAppId: 1400000000, path: /callback, commands: Group.*, token: [e10adc3949ba59ab]}")
	p := openTab(t, openBrowser(t), gate.page(t), 1600, 900, "light")
	evaluate[bool](p, watchButtons)

	// Somebody who knows nothing sends one that is refused, and reads why.
	p.awaitText("#empty", "Nothing came yet")
	p.click("#refused")
	p.awaitText("#outcome", "This app is not let in")
	assert.Equal(t, "SdkAppid 1400000000", p.text("#expected"))
	assert.Equal(t, `SdkAppid "1"`, p.text("#found"))
	assert.Contains(t, p.text("#remedy"), "sdkAppId")
	assert.Contains(t, p.text("#outcome"), "Refused with 403, code 40302")
	assert.Contains(t, p.text("#backend"), "Nothing reached it")
	assert.Contains(t, p.text("#checks"), "the app is let in")
	assert.NotContains(t, p.text("#checks"), "Sign is right", "what was not run is folded")
	p.click("#all-checks")
	p.awaitText("#checks", "Sign is right")
	p.click("#all-checks")
	p.await("!document.querySelector('#checks').innerText.includes('Sign is right')")

	p.click("#clear")
	p.awaitText("#empty", "Nothing came yet")
	p.click("#passing")
	p.awaitText("#outcome", "All checks passed")
	assert.Contains(t, p.text("#headers"), "X-Chat-Operator\nalice")
	assert.Contains(t, p.text("#backend"), "It got the very")
	assert.Contains(t, p.text("#backend"), "answered 200 OK")
	assert.Contains(t, p.text("#answer"), protocol.OK)
	assert.Contains(t, p.text("#body-card"), `"Name": "Weekend hike"`)
	assert.Contains(t, p.text("#request"), "RequestTime")
	p.rows(1)

	p.click("#again")
	p.rows(2)
	p.awaitText("#outcome", "All checks passed")

	// Edit and send: the field's form, the text, the URL and the app hang together.
	p.click("#edit")
	p.awaitText("#composer", "Edit and send")
	p.fill("#field-6", "mallory")
	p.await(`document.querySelector('#body').value.includes('"Owner_Account":"mallory"')`)
	p.click("button[aria-label='Take GroupId out']")
	p.await("!document.querySelector('#body').value.includes('GroupId')")
	p.click("#send")
	p.awaitText("#outcome", "A required field is missing")
	assert.Equal(t, "GroupId: a string that is not empty", p.text("#expected"))
	p.rows(3)

	// Compose: every command has a form.
	p.click("#compose")
	p.awaitText("#composer", "Compose a callback")
	before := ""
	for _, command := range append(protocol.Commands()[1:], protocol.Commands()[0]) {
		p.choose("#sample", command)
		p.await(fmt.Sprintf("document.querySelector('#field-0') && document.querySelector('#body').value != %s && document.querySelector('#url').value.includes(%s)",
			quoteJS(before), quoteJS("CallbackCommand="+command+"&")))
		before = evaluate[string](p, "document.querySelector('#body').value")
	}
	p.choose("#sample", "Group.CallbackAfterGroupFull")
	p.await("document.querySelector('#body').value.includes('AfterGroupFull')")
	p.fill("#app", "7")
	p.await("document.querySelector('#url').value.includes('SdkAppid=7&')")
	p.click("#cancel")
	p.await("!document.querySelector('#composer').open")
	p.click("#compose")
	p.await("document.querySelectorAll('#fields .field').length>3")
	p.click("#sign")
	p.click("#send")
	p.awaitText("#outcome", "The callback is not signed")
	p.rows(4)

	// To another URL, which is not this gate.
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprintf(w, "<b>%s, %d bytes, signed: %t</b>", r.URL.Path, len(body), r.URL.Query().Get("Sign") != "")
	}))
	defer other.Close()
	p.click("#edit")
	p.await("document.querySelectorAll('#fields .field').length>3")
	p.fill("#url", other.URL+"/mine?SdkAppid=5")
	p.await("document.querySelector('#app').value=='5'")
	p.click("#send")
	p.awaitText("#receipt", "signed: true</b>")
	assert.Contains(t, p.text("#receipt"), "418 I'm a teapot")
	p.fill("#body", "[1, 2]")
	p.awaitText("#fields", "edited as text")
	p.fill("#url", "nowhere")
	p.click("#send")
	p.awaitText("#receipt", "URL: expected one such as")
	p.click("#cancel")

	// Export.
	for button, words := range map[string]string{"#export-curl": "--data-binary", "#export-http": "POST /callback?", "#export-json": `"verdict"`} {
		p.click(button)
		p.await("document.querySelector('#exported').value.includes(" + quoteJS(words) + ")")
		p.click("#copy")
		p.await("/Copied|Ctrl/.test(document.querySelector('#copy').innerText)")
		// A test keeps nothing.
		evaluate[bool](p, "(addEventListener('click', (e) => { if (e.target.id == 'download') e.preventDefault() }), true)")
		p.click("#download")
		p.click("#exporter-close")
		p.await("!document.querySelector('#exporter').open")
	}

	// A long list is shown in parts.
	long := strings.Replace(sample.GroupCreated, `"MemberList":[`, `"MemberList":[`+strings.Repeat(`{"Member_Account":"x"},`, 250), 1)
	invoke("send", "-url", gate.address+"/callback", "-body", file(t, long), "-token", "e10adc3949ba59ab")
	p.rows(5)
	p.click("#row-" + p.newest())
	p.awaitText("#body-card", "[ 252 elements ]")
	evaluate[bool](p, "(document.querySelectorAll('#body-card details').forEach((d) => { d.open = true }), true)")
	p.awaitText("#body-card", "152 more")
	p.click("#body-card li button")
	p.awaitText("#body-card", "52 more")

	// Where the window is narrow, a button leads back.
	p.resize(360, 740)
	p.click("#back")
	p.await("document.querySelector('#list').checkVisibility() && !document.querySelector('#detail').checkVisibility()")

	missed := evaluate[[]string](p, "[...seen].filter((name) => !pressed.has(name))")
	assert.Empty(t, missed, "buttons that were not pressed")
	p.quiet()
}

// newest is the ID of the first row.
func (p *tab) newest() string {
	return evaluate[string](p, "[...document.querySelectorAll('#rows .row')].find((r) => r.ariaPosInSet == 1).id.slice(4)")
}

func TestFilters(t *testing.T) {
	gate := startGateway(t, "{sdkAppId: 1400000000, path: /callback, commands: Group.*}")
	p := openTab(t, openBrowser(t), gate.page(t), 1000, 700, "dark")
	send := func(arguments ...string) {
		invoke(append([]string{"send", "-url", gate.address + "/callback"}, arguments...)...)
	}
	send()
	send("-command", "Group.CallbackAfterGroupFull")
	send("-app", "2")
	p.rows(3)
	p.choose("#verdict", "refused")
	p.awaitText("#count", "1 of 3 callbacks")
	send("-app", "3")
	p.awaitText("#count", "2 of 4 callbacks")
	p.choose("#verdict", "")
	p.choose("#command", "=Group.CallbackAfterGroupFull")
	p.awaitText("#count", "1 of 4 callbacks")
	p.choose("#command", "")
	p.fill("#text", "40302")
	p.awaitText("#count", "2 of 4 callbacks")
	p.fill("#text", "weekend HIKE") // it stands in bodies only
	p.awaitText("#count", "3 of 4 callbacks")
	send()
	p.awaitText("#count", "4 of 5 callbacks")
	p.fill("#text", "no such thing")
	p.awaitText("#count", "0 of 5 callbacks")
	p.press(kb.Escape)
	p.rows(5)
	p.quiet()
}

func TestKeyboardAlone(t *testing.T) {
	gate := startGateway(t, "")
	browser := openBrowser(t)
	for range 30 {
		invoke("send", "-url", gate.address+"/callback")
	}
	p := openTab(t, browser, gate.page(t), 360, 740, "dark")
	p.rows(30)
	selected := func(id int) {
		t.Helper()
		p.await(fmt.Sprintf("document.querySelector('#list').getAttribute('aria-activedescendant') == 'row-%d'", id))
	}
	p.press("/")
	p.await("document.activeElement.id == 'text'")
	p.press("alice")
	p.press(kb.Escape)
	p.await("document.activeElement.id == 'list'")
	p.press(kb.ArrowDown)
	selected(30)
	p.press("j")
	selected(29)
	p.press("k")
	selected(30)
	p.press(kb.ArrowDown)
	p.press(kb.ArrowUp)
	selected(30)
	p.press(kb.PageDown)
	p.press(kb.PageUp)
	selected(30)
	p.press(kb.End)
	selected(1)
	p.press(kb.Home)
	selected(30)
	p.press(kb.Enter)
	p.awaitText("#outcome", "All checks passed")
	p.await("document.activeElement.id == 'detail'")
	p.press(kb.Tab)
	p.await("document.activeElement.id == 'back'")
	p.press(kb.Tab)
	p.await("document.activeElement.id == 'again'")
	p.press(kb.Enter)
	p.rows(31)
	p.press(kb.Escape)
	p.await("document.activeElement.id == 'list'")
	p.press("c")
	p.await("document.querySelector('#composer').open")
	p.press(kb.Escape)
	p.await("!document.querySelector('#composer').open")
	p.quiet()
}

// TestNothingRuns puts markup and scripts wherever a client can put text.
func TestNothingRuns(t *testing.T) {
	gate := startGateway(t, "{sdkAppId: 1400000000, path: /callback, commands: Group.*}")
	p := openTab(t, openBrowser(t), gate.page(t), 1600, 900, "light")
	const evil = `<script>window.ran=1</script><img src=x onerror=window.ran=1>`
	const quoted = `"` + evil + `"`
	body := strings.Replace(sample.GroupCreated, `"Weekend hike"`, quoted, 1)
	body = strings.Replace(body, `"Operator_Account":"alice"`, `"Operator_Account":`+quoted, 1)
	inAName := strings.Replace(body, `"Type"`, quoted+`:1,"Type"`, 1)
	good := sample.URL("/callback", "1400000000", protocol.AfterCreateGroup)
	for _, c := range [][2]string{{good, body}, {sample.URL("/callback", evil, evil) + "&" + strings.ReplaceAll(evil, " ", "+"), body}, {good, inAName}} {
		request, err := http.NewRequest(http.MethodPost, gate.address+c[0], strings.NewReader(c[1]))
		require.NoError(t, err)
		request.Header.Set("X-Evil", evil)
		request.Header.Set("User-Agent", evil)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	p.rows(3)
	before := evaluate[int](p, "document.querySelectorAll('script, img').length")
	for _, row := range []string{"#row-3", "#row-2", "#row-1"} {
		p.click(row)
		p.await("document.querySelector('" + row + "').ariaSelected == 'true' && document.querySelector('#body-card')")
		evaluate[bool](p, "(document.querySelectorAll('details').forEach((d) => { d.open = true }), true)")
		p.awaitText("#body-card", "<script>window.ran=1</script>")
		p.click("#edit")
		p.await("document.querySelector('#body').value.includes('<script>')")
		p.click("#cancel")
		p.click("#export-json")
		p.await("document.querySelector('#exported').value.includes('script')")
		p.click("#exporter-close")
	}
	p.awaitText("#headers", evil)
	assert.Equal(t, before, evaluate[int](p, "document.querySelectorAll('script, img').length"))
	assert.True(t, evaluate[bool](p, "window.ran === undefined"))
	p.quiet()

	// And if text did become markup, the policy would forbid it.
	assert.True(t, evaluate[bool](p, "(() => { try { document.body.innerHTML = '<b>'; return false } catch { return true } })()"))
}

func TestThousandsStayFluid(t *testing.T) {
	gate := startGateway(t, "")
	p := openTab(t, openBrowser(t), gate.page(t), 1600, 900, "light")
	evaluate[bool](p, `(() => {
		window.longest = 0
		let last = performance.now()
		const frame = (now) => { longest = Math.max(longest, now - last); last = now; requestAnimationFrame(frame) }
		requestAnimationFrame(frame)
		return true
	})()`)
	code, _, stderr := invoke("send", "-url", gate.address+"/callback", "-n", "5200", "-concurrency", "8", "-timeout", "60s")
	require.Equal(t, 0, code, stderr)
	p.awaitText("#count", "5,000 callbacks. 200 older ones were dropped")
	assert.Less(t, evaluate[int](p, "document.querySelectorAll('#rows .row').length"), 60)
	t.Logf("the longest frame took %.0f ms while 5,200 callbacks came", evaluate[float64](p, "longest"))
	evaluate[bool](p, "(longest = 0, true)")
	for _, top := range []string{"100000", "0", "150000", "1e9", "0"} {
		evaluate[bool](p, "(document.querySelector('#list').scrollTop = "+top+", true)")
		time.Sleep(50 * time.Millisecond)
	}
	t.Logf("the longest frame took %.0f ms while the list was scrolled", evaluate[float64](p, "longest"))
	assert.Less(t, evaluate[float64](p, "longest"), 3000.0, "milliseconds; a machine with other work is allowed for")
	evaluate[bool](p, "(document.querySelector('#list').scrollTop = 1e9, true)")
	p.await("document.querySelector('#row-201')")

	// What stands in sight stays there while more come.
	invoke("send", "-url", gate.address+"/callback", "-n", "20")
	p.awaitText("#count", "220 older ones")
	assert.Greater(t, evaluate[float64](p, "document.querySelector('#list').scrollTop"), 1000.0)
	p.quiet()
}

func TestNothingSticksOut(t *testing.T) {
	gate := startGateway(t, "{sdkAppId: 1400000000, path: /callback, token: [e10adc3949ba59ab]}")
	browser := openBrowser(t)
	invoke("send", "-url", gate.address+"/callback", "-token", "e10adc3949ba59ab")
	invoke("send", "-url", gate.address+"/callback", "-app", strings.Repeat("9", 300))
	for _, width := range []int64{360, 768, 1024, 1600} {
		p := openTab(t, browser, gate.page(t), width, 800, "light")
		fits := func(what string) {
			t.Helper()
			assert.LessOrEqual(t, evaluate[int](p, "document.documentElement.scrollWidth"), int(width), "%s at %d px", what, width)
		}
		p.rows(2)
		fits("the list")
		for _, row := range []string{"#row-1", "#row-2"} {
			p.click(row)
			p.await("document.querySelector('#outcome')")
			evaluate[bool](p, "(document.querySelectorAll('#detail details').forEach((d) => { d.open = true }), true)")
			fits("a callback")
			assert.LessOrEqual(t, evaluate[int](p, "document.querySelector('#detail').scrollWidth - document.querySelector('#detail').clientWidth"), 0, "a callback at %d px", width)
			if width < 900 {
				p.click("#back")
			}
		}
		p.click("#compose")
		p.await("document.querySelectorAll('#fields .field').length>3")
		fits("compose")
		assert.LessOrEqual(t, evaluate[int](p, "document.querySelector('#composer').scrollWidth - document.querySelector('#composer').clientWidth"), 0, "compose at %d px", width)
		p.quiet()
	}
}

func TestALinkOpensACallback(t *testing.T) {
	gate := startGateway(t, "")
	browser := openBrowser(t)
	invoke("send", "-url", gate.address+"/callback", "-app", "2")
	p := openTab(t, browser, gate.page(t)+"/#1", 1600, 900, "light")
	p.awaitText("#outcome", "This app is not let in")
	gone := openTab(t, browser, gate.page(t)+"/#77", 1600, 900, "light")
	gone.awaitText("#detail", "dropped meanwhile")
}

func TestGatewayIsGone(t *testing.T) {
	program, page := startProgram(t)
	p := openTab(t, openBrowser(t), page, 360, 740, "light")
	require.NoError(t, program.Kill())
	p.awaitText("#live", "Is it still running?")
}

// TestScreenshots makes the pictures in docs.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("CHATGATE_SCREENSHOTS")
	if dir == "" {
		t.Skip("CHATGATE_SCREENSHOTS names no folder")
	}
	gate := startGateway(t, "{sdkAppId: 1400000000, path: /callback, commands: Group.*, token: [e10adc3949ba59ab]}")
	p := openTab(t, openBrowser(t), gate.page(t), 1440, 810, "light")
	send := func(arguments ...string) {
		invoke(append([]string{"send", "-url", gate.address + "/callback", "-token", "e10adc3949ba59ab"}, arguments...)...)
		time.Sleep(30 * time.Millisecond)
	}
	commands := []string{"AfterCreateGroup", "AfterNewMemberJoin", "BeforeSendMsg", "AfterMemberExit", "AfterGroupInfoChanged", "BeforeApplyJoinGroup", "AfterGroupFull", "AfterChangeGroupOwner"}
	for i := range 14 {
		send("-command", "Group.Callback"+commands[i%len(commands)])
		switch i {
		case 3:
			send("-token", "another-token-of-somebody")
		case 6:
			send("-app", "1400000001")
		case 9:
			send("-body", file(t, strings.Replace(sample.GroupCreated, `"GroupId":"@TGS#2J4SZEAEL"`, `"GroupId":42`, 1)))
		}
	}
	p.rows(17)
	p.await("document.querySelectorAll('#rows .row').length >= 15")
	p.click("#rows .row[aria-posinset='1']")
	p.awaitText("#outcome", "All checks passed")
	p.shoot(filepath.Join(dir, "page-list.png"))
	p.choose("#verdict", "refused")
	p.awaitText("#count", "3 of 17")
	p.click("#rows .row[aria-posinset='1']")
	p.awaitText("#outcome", "is not what it should be")
	p.shoot(filepath.Join(dir, "page-refusal.png"))
	p.choose("#verdict", "")
	p.click("#compose")
	p.await("document.querySelectorAll('#fields .field').length>3")
	p.shoot(filepath.Join(dir, "page-compose.png"))
}
