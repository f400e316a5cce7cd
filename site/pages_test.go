package site

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeRun takes what is to be run: rules by their tags, or by name.
const axeRun = `axe.run(document, {preload: false, resultTypes: ["violations"], runOnly: %s})
	.then(r => r.violations.flatMap(v => v.nodes.slice(0, 4).map(n => v.id + ": " + n.target.join(" ") + ": " + (n.failureSummary || "").replace(/\s+/g, " ") + " " + n.html.slice(0, 160))))`

// TestAccessible runs axe over every page, everything folded opened, in both
// themes and at both ends of the layout.
func TestAccessible(t *testing.T) {
	b := browser(t)
	axe := read(t, "testdata", "axe", "axe.min.js")
	for i, site := range sites(t) {
		tabs := make(chan *tab, 2)
		for range cap(tabs) {
			tabs <- newTab(t, b, fileBase(t, site))
		}
		t.Run([]string{"fixture", "book"}[i], func(t *testing.T) {
			for _, page := range pagesIn(t, site) {
				t.Run(page, func(t *testing.T) {
					t.Parallel()
					tb := <-tabs
					defer func() { tabs <- tb }()
					tb.t = t
					tb.axe(page, axe)
				})
			}
		})
	}
}

func (tb *tab) axe(page, source string) {
	tb.open(page)
	tb.quiet(page)
	eval[any](tb, source+";0")
	tb.unfold()
	for _, width := range []int64{1440, 390} {
		tb.size(width, 900)
		tb.settle()
		for _, scheme := range []string{"light", "dark"} {
			tb.prefer(scheme)
			rules := `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
			if strings.HasPrefix(page, "print") && eval[int](tb, `document.querySelectorAll("*").length`) > 10000 {
				// The chapters it repeats are checked one by one; axe takes minutes for all.
				rules = `{type: "rule", values: ["duplicate-id-aria", "heading-order", "landmark-unique", "page-has-heading-one", "region", "bypass"]}`
			} else if scheme == "dark" { // the themes differ in nothing but colour
				rules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
			}
			for _, v := range eval[[]string](tb, fmt.Sprintf(axeRun, rules)) {
				tb.t.Errorf("%s, %s, %d px: %s", page, scheme, width, v)
			}
		}
	}
}

// TestLayout measures what a style sheet can get wrong.
func TestLayout(t *testing.T) {
	b := browser(t)
	for _, site := range sites(t) {
		tb := newTab(t, b, serve(t, site))
		for _, page := range pagesIn(t, site) {
			tb.open(page)
			tb.unfold()
			for _, width := range []int64{320, 390, 800, 1024, 1150, 1280, 1440} {
				tb.size(width, 900)
				if over := eval[[]string](tb, sideways); len(over) > 0 {
					t.Errorf("%s at %d px scrolls sideways: %s", page, width, strings.Join(over, "; "))
				}
				if hit := eval[[]string](tb, overlaps); len(hit) > 0 {
					t.Errorf("%s at %d px: overlap: %s", page, width, strings.Join(hit, "; "))
				}
			}
			tb.quiet(page)
		}
	}
}

// sideways lists what makes the page wider than the window.
const sideways = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.scrollingElement.scrollWidth <= wide) return [];
	return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > wide + 1 && !e.parentElement.closest(".scroll, pre, .tl-scroll, .plot-scroll") && !e.matches(".sr, .skip"))
		.slice(0, 5).map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right));
})()`

// overlaps lists margin notes that meet each other or a wide figure, and texts
// of one drawing that meet each other.
const overlaps = `(() => {
	const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
	const found = [];
	const pairs = (list, name, edge) => {
		const boxes = list.map(e => [e, e.getBoundingClientRect()]).filter(b => b[1].width && b[1].height);
		boxes.sort((a, b) => a[1].top - b[1].top);
		for (let i = 0; i < boxes.length; i++)
			for (let j = i + 1; j < boxes.length && boxes[j][1].top < boxes[i][1].bottom; j++)
				if (!boxes[i][0].contains(boxes[j][0]) && !boxes[j][0].contains(boxes[i][0]) && meet(boxes[i][1], boxes[j][1]))
					found.push(name + ": " + boxes[i][0].textContent.slice(0, 40) + " / " + boxes[j][0].textContent.slice(0, 40));
	};
	pairs([...document.querySelectorAll("main .mn, main .cell, main .listing, main .box, main .scroll, main .callouts, main > article > p, main > article > h2, main > article > h3")].filter(e => !e.closest(".cell") || e.matches(".cell")), "blocks");
	document.querySelectorAll(".tl-draw, .plot svg").forEach(s => pairs([...s.querySelectorAll("text")], "labels"));
	return found.slice(0, 6);
})()`

// TestFileAndPath opens every page from a file and below a path, uses the
// search there, and listens for requests, errors and violations of the policy.
func TestFileAndPath(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	for _, base := range []string{fileBase(t, out), serve(t, out)} {
		tb := newTab(t, b, base)
		for _, page := range pagesIn(t, out) {
			tb.open(page)
			tb.quiet(base + page)
		}
		tb.size(1200, 800)
		tb.open("01-waiting.html")
		tb.press("/")
		tb.until(`document.querySelector("dialog[open] input[type=search]") === document.activeElement`)
		tb.press("complete long before")
		tb.until(`document.querySelectorAll(".hits a").length > 0`)
		if first := eval[string](tb, `document.querySelector(".hits a").getAttribute("href")`); !strings.HasPrefix(first, "01-waiting.html#") {
			t.Errorf("the first hit is %s", first)
		}
		tb.press("\r")
		tb.until(`location.hash !== "" && !document.querySelector("dialog[open]")`)
		tb.press("/")
		tb.until(`document.querySelector("dialog[open]")`)
		tb.press("水平")
		tb.until(`document.querySelector(".hits a")?.getAttribute("href") === "glossary.html#level-triggered"`)
		eval[any](tb, `document.querySelector("dialog input").select()`)
		tb.press("eagain")
		tb.until(`document.querySelector(".hits a")?.getAttribute("href") === "errors.html#eagain"`)
		eval[any](tb, `document.querySelector("dialog input").select()`)
		tb.press("epoll_wait")
		tb.until(`document.querySelector(".hits a")?.getAttribute("href") === "calls.html#epoll_wait"`)
		eval[any](tb, `document.querySelector("dialog input").select()`)
		tb.press("zzzz")
		tb.until(`document.querySelector("dialog .ran").textContent.startsWith("Nothing found")`)
		tb.press("\x1b")
		tb.until(`!document.querySelector("dialog[open]")`)
		tb.quiet(base + " search")
	}
}

// TestWithoutScript reads a page with scripts switched off.
func TestWithoutScript(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	tb := newTab(t, b, fileBase(t, out))
	if _, err := chromedp.Call(tb.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	tb.size(1200, 800)
	for _, page := range pagesIn(t, out) {
		tb.open(page)
		if n := eval[int](tb, `[...document.querySelectorAll("button, .stepper")].filter(e => e.checkVisibility()).length`); n > 0 {
			t.Errorf("%s: %d controls that need a script are shown without one", page, n)
		}
		if n := eval[int](tb, `document.querySelector("main").innerText.length`); n < 100 {
			t.Errorf("%s: %d characters of text without scripts", page, n)
		}
	}
	tb.open("01-waiting.html")
	tb.do(chromedp.Click(chromedp.CSS(".reveal > summary")))
	if !eval[bool](tb, `document.querySelector(".tl-draw").getBoundingClientRect().height > 100`) {
		t.Error("the timeline cannot be opened without scripts")
	}
}

// TestPrint looks at a chapter as it is printed: what is folded is open.
func TestPrint(t *testing.T) {
	b := browser(t)
	out := build(t, Config{})
	tb := newTab(t, b, fileBase(t, out))
	for _, page := range []string{"01-waiting.html", "print.html"} {
		tb.open(page)
		tb.media(emulation.SetEmulatedMediaParams{Media: "print"})
		for sel, want := range map[string]bool{".solution pre": true, ".hint p": true, ".tl-draw": true, "nav.side": false, ".tools": false, ".stepper": false, ".copy": false} {
			shown := eval[bool](tb, fmt.Sprintf(`(() => { const e = document.querySelector(%q); return !!e && e.getBoundingClientRect().height > 0 && e.checkVisibility(); })()`, sel))
			if shown != want {
				t.Errorf("%s, printed: %s is shown: %v", page, sel, shown)
			}
		}
		pdf, err := chromedp.Run(tb.ctx, chromedp.PrintToPDF())
		if err != nil || len(pdf) < 20000 {
			t.Errorf("%s: PDF of %d bytes, %v", page, len(pdf), err)
		}
		if dir := os.Getenv("SITE_KEEP"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, strings.TrimSuffix(page, ".html")+".pdf"), pdf, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestScreens writes pictures of every page into the directory that SITE_SCREENS
// names, for a person to look at. It asserts nothing and so does not run by
// itself.
func TestScreens(t *testing.T) {
	dir := os.Getenv("SITE_SCREENS")
	if dir == "" {
		t.Skip("SITE_SCREENS names no directory")
	}
	b := browser(t)
	for i, site := range sites(t) {
		tb := newTab(t, b, fileBase(t, site))
		for _, page := range pagesIn(t, site) {
			if page == "print.html" { // the whole book is too tall for a picture
				continue
			}
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{1440, 390} {
					tb.size(width, 900)
					tb.prefer(scheme)
					tb.open(page)
					eval[any](tb, `document.querySelectorAll("main .reveal, main .folded").forEach(d => d.open = true)`)
					png, err := chromedp.Run(tb.ctx, chromedp.FullScreenshot(100))
					if err != nil {
						t.Fatal(err)
					}
					name := fmt.Sprintf("%d-%s-%s-%d.png", i, strings.TrimSuffix(page, ".html"), scheme, width)
					if err := os.WriteFile(filepath.Join(dir, name), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}
