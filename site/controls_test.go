package site

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard walks through a page with Tab alone: everything that can be
// used is reached, and shows that it has the focus.
func TestKeyboard(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	tb := newTab(t, b, fileBase(t, out))
	tb.size(1280, 800)
	for _, page := range []string{"index.html", "01-waiting.html"} {
		tb.open(page)
		tb.unfold()
		tb.press("\t") // the first finds out what scrolls and so is a stop
		want := eval[int](tb, `(window.all = [...document.querySelectorAll("a[href], button:not(:disabled), input, summary, [tabindex='0']")].filter(e => e.checkVisibility())).length`)
		reached := 0
		for i := 0; i < want+5; i++ {
			if i > 0 {
				tb.press("\t")
			}
			r := eval[struct {
				Index   int
				Name    string
				Outline bool
			}](tb, `(() => { const e = document.activeElement, s = getComputedStyle(e);
				return {Index: all.indexOf(e), Name: e.outerHTML.slice(0, 80), Outline: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2}; })()`)
			if r.Index < 0 {
				continue
			}
			reached++
			if !r.Outline {
				t.Errorf("%s: focus cannot be seen on %s", page, r.Name)
			}
			eval[any](tb, `all[`+fmt.Sprint(r.Index)+`].dataset.reached = 1`)
		}
		if missed := eval[[]string](tb, `all.filter(e => !e.dataset.reached).map(e => e.outerHTML.slice(0, 90))`); len(missed) > 0 {
			t.Errorf("%s: %d of %d reached; not %s", page, reached, want, strings.Join(missed, "; "))
		}
		if reached == 0 {
			t.Errorf("%s: nothing can be reached by Tab", page)
		}
	}
}

// TestStepper steps through a timeline by buttons, range and keys.
func TestStepper(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	tb := newTab(t, b, fileBase(t, out))
	tb.size(1280, 900)
	tb.open("01-waiting.html")
	eval[any](tb, `document.querySelector("#server .reveal").open = true`)
	words := func() string { return eval[string](tb, `document.querySelector("#server .say").textContent`) }
	tb.do(chromedp.Focus(chromedp.CSS("#server .stepper button[aria-label='Next call']")))
	tb.press("\r")
	if got := words(); !strings.HasPrefix(got, "1 of 9. main took a finished connection") {
		t.Errorf("after Next: %q", got)
	}
	if line := eval[string](tb, markedLine); !strings.Contains(line, "unix.Accept(") {
		t.Errorf("the marked line is %q", line)
	}
	tb.do(chromedp.Focus(chromedp.CSS("#server .stepper input")))
	tb.press(kb.ArrowRight)
	tb.press(kb.ArrowRight)
	if got := words(); !strings.HasPrefix(got, "3 of 9. main got 5 bytes") {
		t.Errorf("after the range moved: %q", got)
	}
	if line := eval[string](tb, markedLine); !strings.Contains(line, "unix.Recvfrom(") {
		t.Errorf("the marked line is %q", line)
	}
	tb.do(chromedp.Focus(chromedp.CSS("#server .tl-scroll")))
	tb.press("k")
	if got := words(); !strings.HasPrefix(got, "2 of 9. client connected") {
		t.Errorf("after k: %q", got)
	}
	if n := eval[int](tb, `document.querySelectorAll("#server .ev.on").length`); n != 1 {
		t.Errorf("%d bars are marked", n)
	}
	// A call that a function of another cell made marks its line there.
	eval[any](tb, `Object.assign(document.querySelectorAll("#server tbody tr")[2].dataset, {line: 1, in: "#boom"})`)
	tb.press("j")
	if got := words(); !strings.HasSuffix(got, " in boom") {
		t.Errorf("of a call made elsewhere: %q", got)
	}
	if !eval[bool](tb, `!document.querySelector("#boom pre .line-mark").hidden && document.querySelector("#server .say a[href='#boom']")`+" !== null") {
		t.Error("the line in the other cell is not marked")
	}
	for range 4 {
		tb.press("j")
	}
	if got := words(); !strings.HasPrefix(got, "7 of 9. main printed this.") || !strings.HasSuffix(got, "“served 5 bytes”") {
		t.Errorf("of printed text: %q", got)
	}
	if line := eval[string](tb, markedLine); !strings.Contains(line, "fmt.Println(") {
		t.Errorf("the marked line is %q", line)
	}
	if on := eval[string](tb, `document.querySelector("#server .ev.on").textContent`); on != "served 5 bytes" {
		t.Errorf("%q is marked", on)
	}
	tb.quiet("stepper")
}

// markedLine is the line of code under the stepper's mark.
const markedLine = `(() => {
	const pre = document.querySelector("#server .cell-code pre"), mark = pre.querySelector(".line-mark");
	const style = getComputedStyle(pre), line = (parseFloat(mark.style.top) - parseFloat(style.paddingTop)) / parseFloat(style.lineHeight);
	return mark.hidden ? "" : pre.textContent.split("\n")[Math.round(line)];
})()`

// TestThemeCopyKeys works the rest of what scripts add.
func TestThemeCopyKeys(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	tb := newTab(t, b, serve(t, out)) // localStorage is per origin; a file's may be refused
	tb.size(1280, 900)
	tb.prefer("light")
	tb.open("01-waiting.html")
	background := func() string { return eval[string](tb, `getComputedStyle(document.body).backgroundColor`) }
	light := background()
	tb.do(chromedp.Click(chromedp.CSS("[data-theme=dark]")))
	if background() == light {
		t.Error("Dark changes nothing")
	}
	tb.open("02-asking.html")
	if background() == light {
		t.Error("the choice of a theme does not last")
	}
	tb.do(chromedp.Click(chromedp.CSS("[data-theme=auto]")))
	if background() != light {
		t.Error("Auto does not follow the system")
	}

	tb.open("01-waiting.html")
	tb.settle()
	eval[any](tb, `navigator.clipboard.writeText = s => { window.copied = s; return Promise.resolve(); }, 0`)
	tb.do(chromedp.Click(chromedp.CSS("#server .copy")))
	tb.until(`window.copied`)
	code := eval[string](tb, `window.copied`)
	if !strings.Contains(code, "conn, _, err := unix.Accept(ln)\n") || strings.Contains(code, "(1)") {
		t.Errorf("copied %q", code)
	}
	tb.until(`document.getElementById("status").textContent === "server copied"`)
	tb.do(chromedp.Click(chromedp.CSS(".run .copy")))
	tb.until(`window.copied.trim() === "make chapter 1"`)

	for _, name := range []string{"server", "copying", "models"} {
		tb.press("n")
		tb.until(`document.activeElement.closest(".cell")?.id === "` + name + `"`)
	}
	tb.press("p")
	tb.until(`document.activeElement.closest(".cell").id === "copying"`)
	eval[any](tb, `document.activeElement.blur()`)
	tb.press("?")
	tb.until(`document.querySelector("dialog[open] [type=checkbox]")`)
	tb.do(chromedp.Click(chromedp.CSS("dialog[open] [type=checkbox]")))
	tb.press("\x1b")
	tb.until(`!document.querySelector("dialog[open]")`)
	tb.press("t")
	tb.press("/")
	if eval[bool](tb, `!!document.querySelector("dialog[open]")`) || background() != light {
		t.Error("single keys still work when switched off")
	}
	tb.do(chromedp.Click(chromedp.CSS(".help-open")))
	tb.do(chromedp.Click(chromedp.CSS("dialog[open] [type=checkbox]")))
	tb.press("\x1b")
	tb.until(`!document.querySelector("dialog[open]")`)
	tb.press(kb.ArrowRight)
	tb.until(`location.pathname.endsWith("/02-asking.html") && document.readyState === "complete"`)
	tb.press(kb.ArrowLeft)
	tb.until(`location.pathname.endsWith("/01-waiting.html") && document.readyState === "complete"`)
	tb.quiet("keys")
}
