package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browserVariable says whether a browser must be there ("required"), or names the program.
const browserVariable = "CHATGATE_BROWSER"

// findBrowser is the browser's program. Without one the test is skipped, unless it is required.
func findBrowser(t *testing.T) string {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if named := os.Getenv(browserVariable); named != "" && named != "required" {
		names = []string{named}
	}
	for _, name := range names {
		if program, err := exec.LookPath(name); err == nil {
			return program
		}
	}
	require.NotEqual(t, "required", os.Getenv(browserVariable), "no browser is found: install Debian's package chromium")
	t.Skip("no browser is found; " + browserVariable + " can name one")
	return ""
}

// A tab is a page of the browser.
type tab struct {
	t      *testing.T
	ctx    context.Context
	mutex  sync.Mutex
	faults []string // what the page threw, and what the browser refused it
}

// openBrowser starts a browser for the time of the test.
func openBrowser(t *testing.T) context.Context {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(findBrowser(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", false))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "the browser does not start")
	return ctx
}

// openTab opens an address in a tab of its own.
func openTab(t *testing.T, browser context.Context, address string, width, height int64, scheme string) *tab {
	p := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(p.listen))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx))
	p.ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media)
	require.NoError(t, err)
	p.do(chromedp.EmulateViewport(width, height), chromedp.Navigate(address))
	p.await("document.querySelector('#live.on')")
	return p
}

func (p *tab) listen(event any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, e.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		if e.Entry.Source != "network" { // which says that an order was faulty, as the page does
			p.faults = append(p.faults, e.Entry.Text)
		}
	}
}

// quiet holds that the page threw nothing, and tried nothing that its policy forbids.
func (p *tab) quiet() {
	p.t.Helper()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	assert.Empty(p.t, p.faults)
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// click clicks on what a person would, which must be there.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.await("document.querySelector(" + quoteJS(selector) + ")?.checkVisibility()")
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// choose chooses an option as the keyboard would.
func (p *tab) choose(selector, value string) {
	p.t.Helper()
	p.await(fmt.Sprintf("(s=>{s.value=%s; s.dispatchEvent(new Event('change')); return s.value===%s})(document.querySelector(%s))", quoteJS(value), quoteJS(value), quoteJS(selector)))
}

// fill replaces what stands in a field.
func (p *tab) fill(selector, value string) {
	p.t.Helper()
	p.do(chromedp.Focus(chromedp.CSS(selector)))
	evaluate[bool](p, "(document.activeElement.select(), true)")
	p.do(chromedp.SendKeys(chromedp.CSS(selector), value))
}

// press presses a key wherever the focus is.
func (p *tab) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// resize gives the page another size.
func (p *tab) resize(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// evaluate returns what an expression is in the page.
func evaluate[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err, expression)
	return value
}

// await waits until an expression is true.
func (p *tab) await(expression string) {
	p.t.Helper()
	for end := time.Now().Add(30 * time.Second); !evaluate[bool](p, "Boolean("+expression+")"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			require.Fail(p.t, expression+" never becomes true", "the page threw %v and shows:\n%s", p.faults, p.text("body"))
		}
	}
}

// awaitText waits until an element shows a text.
func (p *tab) awaitText(selector, text string) {
	p.t.Helper()
	p.await(fmt.Sprintf("document.querySelector(%s)?.innerText.includes(%s)", quoteJS(selector), quoteJS(text)))
}

func (p *tab) text(selector string) string {
	p.t.Helper()
	return evaluate[string](p, "document.querySelector("+quoteJS(selector)+")?.innerText ?? ''")
}

// shoot takes a picture of what is in sight.
func (p *tab) shoot(file string) {
	p.t.Helper()
	time.Sleep(200 * time.Millisecond) // for what moves
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(file, picture, 0o644)) //nolint:gosec // it is for everybody
}

func quoteJS(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}
