package site

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts one Chromium for a test; the test's tabs share it. Without
// Chromium the test is skipped, and says so.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the browser tests are left out")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("NOT TESTED in a browser: there is no chromium on the PATH")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("allow-file-access-from-files", false))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the browser does not start: %v", err)
	}
	return ctx
}

// A tab is one page of the browser with what it complained about.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string // every request must begin so

	mu       sync.Mutex
	problems []string
}

func newTab(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute) // a hang ends; a slow machine does not
	t.Cleanup(stop)
	tb := &tab{t: t, ctx: ctx, base: base}
	if err := chromedp.Listen(ctx, tb.listen); err != nil {
		t.Fatal(err)
	}
	return tb
}

func (tb *tab) listen(ev any) {
	problem := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		problem = "exception: " + ev.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" || ev.Type == "warning" {
			problem = fmt.Sprintf("console.%s", ev.Type)
			for _, a := range ev.Args {
				problem += " " + string(a.Value)
			}
		}
	case *log.EventEntryAdded: // also violations of the content policy
		problem = "log: " + ev.Entry.Text + " " + ev.Entry.URL
		if strings.Contains(ev.Entry.Text, "404") && strings.HasSuffix(ev.Entry.URL, "/favicon.ico") {
			problem = ""
		}
	case *network.EventRequestWillBeSent:
		u := ev.Request.URL
		if !strings.HasPrefix(u, tb.base) && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			problem = "request to " + u
		}
	}
	if problem != "" {
		tb.mu.Lock()
		tb.problems = append(tb.problems, problem)
		tb.mu.Unlock()
	}
}

// quiet fails the test when the page complained since the last call.
func (tb *tab) quiet(what string) {
	tb.t.Helper()
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, p := range tb.problems {
		tb.t.Errorf("%s: %s", what, p)
	}
	tb.problems = nil
}

func (tb *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	tb.t.Helper()
	if err := chromedp.Do(tb.ctx, actions...); err != nil {
		tb.t.Fatal(err)
	}
}

func (tb *tab) open(page string) {
	tb.t.Helper()
	tb.do(chromedp.Navigate(tb.base + page))
}

func (tb *tab) size(width, height int64) {
	tb.t.Helper()
	tb.do(chromedp.EmulateViewport(width, height))
}

// prefer sets the system's colour scheme.
func (tb *tab) prefer(scheme string) {
	tb.t.Helper()
	tb.media(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (tb *tab) media(p emulation.SetEmulatedMediaParams) {
	tb.t.Helper()
	if _, err := chromedp.Call(tb.ctx, emulation.SetEmulatedMedia, p); err != nil {
		tb.t.Fatal(err)
	}
}

func eval[T any](tb *tab, js string) T {
	tb.t.Helper()
	v, err := chromedp.Run(tb.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		tb.t.Fatalf("%v\n%s", err, clip(js, 300))
	}
	return v
}

// until waits for an expression to be true: what follows an input event is not
// done when the event is.
func (tb *tab) until(js string) {
	tb.t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(10 * time.Millisecond) {
		if eval[bool](tb, "!!("+js+")") {
			return
		}
	}
	tb.t.Fatalf("never true: %s", js)
}

// unfold opens everything that is folded.
func (tb *tab) unfold() {
	tb.t.Helper()
	eval[any](tb, `document.querySelectorAll("main details").forEach(d => d.open = true)`)
	tb.settle()
}

// settle waits for what the scripts leave for when the browser is idle.
func (tb *tab) settle() {
	tb.t.Helper()
	eval[any](tb, `new Promise(done => setTimeout(() => requestIdleCallback(() => requestIdleCallback(done, {timeout: 1600}), {timeout: 1600}), 20))`)
}

func (tb *tab) press(keys string) {
	tb.t.Helper()
	tb.do(chromedp.KeyEvent(keys))
}

func fileBase(t *testing.T, dir string) string {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + abs + "/"
}

// serve serves a directory below a path, as a project site on a Git host does.
func serve(t *testing.T, dir string) string {
	t.Helper()
	s := httptest.NewServer(http.StripPrefix("/some/path/", http.FileServer(http.Dir(dir))))
	t.Cleanup(s.Close)
	return s.URL + "/some/path/"
}

func pagesIn(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(names) < 8 {
		t.Fatalf("pages in %s: %v, %v", dir, names, err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

// sites are the fixture's and the book's own.
func sites(t *testing.T) []string {
	t.Helper()
	dirs := []string{build(t, Config{})}
	if recorded(t, "../chapters") {
		dirs = append(dirs, build(t, Config{Chapters: "../chapters"}))
	}
	return dirs
}

// recorded reports whether every chapter of the book has its recording: a
// reader who has just written one can still run these tests.
func recorded(t *testing.T, dir string) bool {
	t.Helper()
	chapters, _ := filepath.Glob(filepath.Join(dir, "*.md"))
	missing := slices.DeleteFunc(chapters, func(name string) bool {
		_, err := os.Stat(strings.TrimSuffix(name, ".md") + ".ipynb")
		return err == nil
	})
	if len(missing) > 0 {
		t.Logf("NOT TESTED: the book's own pages, for want of recordings of %s", strings.Join(missing, ", "))
	}
	return len(missing) == 0
}
