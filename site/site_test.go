package site

import (
	"bytes"
	"compress/gzip"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func build(t testing.TB, cfg Config) string {
	t.Helper()
	if cfg.Chapters == "" {
		cfg.Chapters = fixture(t)
	}
	if cfg.Out == "" {
		cfg.Out = filepath.Join(t.TempDir(), "public")
	}
	if err := Build(cfg); err != nil {
		t.Fatal(err)
	}
	return cfg.Out
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edit replaces text in a file; what is replaced must be there.
func edit(t testing.TB, path, old, new string) {
	t.Helper()
	s := read(t, path)
	if !strings.Contains(s, old) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(s, old, new)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files lists what is below a directory, with contents.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[strings.TrimPrefix(path, dir)] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestBuildTwiceIsIdentical(t *testing.T) {
	chapters := fixture(t)
	a := contents(t, build(t, Config{Chapters: chapters, BaseURL: "https://example.org/book/"}))
	b := contents(t, build(t, Config{Chapters: chapters, BaseURL: "https://example.org/book/"}))
	if len(a) < 15 || len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for name, data := range a {
		if b[name] != data {
			t.Errorf("%s differs", name)
		}
		if strings.Contains(data, chapters) {
			t.Errorf("%s names the directory it was built from", name)
		}
	}
}

func TestPagesThatNoLongerExistAreDeleted(t *testing.T) {
	chapters, out := fixture(t), filepath.Join(t.TempDir(), "public")
	build(t, Config{Chapters: chapters, Out: out})
	stranger := filepath.Join(out, "notes.txt")
	if err := os.WriteFile(stranger, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"02-asking.md", "02-asking.ipynb"} {
		if err := os.Remove(filepath.Join(chapters, name)); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, filepath.Join(chapters, "01-waiting.md"), "[what the second chapter adds](02-asking.md#a-question-without-an-answer), [where it ends](02-asking.md#等待-and-other-words)", "chapter 2")
	build(t, Config{Chapters: chapters, Out: out})
	for _, name := range []string{"02-asking.html", "02-asking-2.html"} {
		if _, err := os.Stat(filepath.Join(out, name)); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	if read(t, stranger) != "mine" {
		t.Error("a file of somebody else was touched")
	}
}

// TestErrors breaks the fixture in every way that must fail, and looks for the
// place and the way out in the one report.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		spoil  func(t *testing.T, dir string)
		strict bool
		want   []string
	}{
		{"links", func(t *testing.T, dir string) {
			edit(t, dir+"/01-waiting.md", "02-asking.md#a-question-without-an-answer", "02-asking.md#a-question")
			edit(t, dir+"/02-asking.md", "[the loop](#asking)", "[the loop](#askin)")
		}, false, []string{
			`01-waiting.md:5: link to 02-asking.html#a-question: nothing on 02-asking.html has the id "a-question"; there is #a-question-without-an-answer`,
			`02-asking.md:20: link to #askin: nothing on 02-asking.html has the id "askin"; there is #asking`,
		}},
		{"no such chapter", func(t *testing.T, dir string) {
			edit(t, dir+"/01-waiting.md", "(02-asking.md#a-question-without-an-answer)", "(03-later.md)")
		}, false, []string{"01-waiting.md:5: link to 03-later.md: there is no such chapter"}},
		{"ids", func(t *testing.T, dir string) {
			edit(t, dir+"/01-waiting.md", "## Copying costs little", "## Copying")
		}, false, []string{`01-waiting.md:56: id "copying" twice on 01-waiting.html: rename the heading or the cell`}},
		{"ids of two pages", func(t *testing.T, dir string) {
			edit(t, dir+"/02-asking.md", "## Asked too often", "## Asking")
		}, false, []string{`02-asking.md:34: id "asking" twice in the chapter: rename the heading or the cell`}},
		{"page breaks", func(t *testing.T, dir string) {
			edit(t, dir+"/02-asking.md", "---\n\n## Asked too often", "---\n\nAsked too often")
			edit(t, dir+"/01-waiting.md", "> A plain quotation", "> ---\n>\n> A plain quotation")
		}, false, []string{
			`02-asking.md:34: a thematic break begins a new page: it stands before a heading of level 2`,
			`01-waiting.md:54: a thematic break begins a new page`,
		}},
		{"no recording", func(t *testing.T, dir string) {
			if err := os.Remove(dir + "/02-asking.ipynb"); err != nil {
				t.Fatal(err)
			}
		}, false, []string{"02-asking.md: no recording to show: ", "make record 2 makes one"}},
		{"claims disagree", func(t *testing.T, dir string) {
			edit(t, dir+"/02-asking.md", "Claim C10, wrong", "Claim C10, right")
			edit(t, dir+"/01-waiting.md", "Claim C07, imprecise", "Claim C66, imprecise")
		}, false, []string{
			`02-asking.md:20: claim C10 is called right here; the check in cell "asking" finds it wrong`,
			`01-waiting.md:43: claim C66: no recorded lab.Check settles it`,
		}},
		{"stale", func(t *testing.T, dir string) {
			edit(t, dir+"/01-waiting.md", "make([]byte, 64)", "make([]byte, 65)")
		}, true, []string{`01-waiting.md:17: cell "server" was edited since it was recorded, and 5 cells below depend on it: make record 1`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := fixture(t)
			test.spoil(t, dir)
			out := filepath.Join(t.TempDir(), "public")
			err := Build(Config{Chapters: dir, Out: out, Strict: test.strict})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was written all the same")
			}
		})
	}
}

func TestStaleIsMarked(t *testing.T) {
	dir := fixture(t)
	edit(t, filepath.Join(dir, "01-waiting.md"), "make([]byte, 64)", "make([]byte, 65)")
	var warned bytes.Buffer
	out := build(t, Config{Chapters: dir, Warn: &warned})
	if want := `cell "server" was edited since it was recorded, and 5 cells below depend on it: make record 1`; !strings.Contains(warned.String(), want) {
		t.Errorf("no %q in %q", want, warned.String())
	}
	page := read(t, out, "01-waiting.html")
	if n := strings.Count(page, "Edited since recorded. make record 1"); n == 0 {
		t.Error("the page does not say that it is stale")
	}
	if !strings.Contains(read(t, out, "02-asking.html"), "make chapter 2") || strings.Contains(read(t, out, "02-asking.html"), "Edited since") {
		t.Error("the other chapter is marked too")
	}
}

func TestSharing(t *testing.T) {
	out := build(t, Config{BaseURL: "https://example.org/book/"})
	page := read(t, out, "01-waiting.html")
	for _, want := range []string{
		`<title>Waiting and copying · Waiting for Bytes</title>`,
		`<meta name="description" content="A read from a socket has two parts`,
		`<meta property="og:title" content="Waiting and copying">`,
		`<link rel="canonical" href="https://example.org/book/01-waiting.html">`,
		`<link rel="next" href="02-asking.html">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	sitemap := read(t, out, "sitemap.xml")
	for _, want := range []string{"<loc>https://example.org/book/</loc>", "<loc>https://example.org/book/02-asking.html</loc>"} {
		if !strings.Contains(sitemap, want) {
			t.Errorf("no %s in the sitemap", want)
		}
	}
	if !strings.Contains(read(t, out, "404.html"), `<base href="https://example.org/book/">`) {
		t.Error("404.html works at one address only")
	}
	card, err := png.Decode(strings.NewReader(read(t, out, "assets", "card.png")))
	if err != nil || card.Bounds().Dx() != 1200 || card.Bounds().Dy() != 630 {
		t.Errorf("the card: %v", err)
	}
	if m := regexp.MustCompile(`og:image" content="https://example.org/book/assets/card.png\?[0-9a-f]{8}"`); !m.MatchString(page) {
		t.Error("no whole address of the card")
	}
	if want := `og:image:alt" content="One recvfrom, recorded: 50.3 ms of waiting, 6 µs of work."`; !strings.Contains(page, want) {
		t.Errorf("no %s", want)
	}
	plain := build(t, Config{})
	for _, name := range []string{"sitemap.xml", "assets/card.png"} {
		if _, err := os.Stat(filepath.Join(plain, name)); err == nil {
			t.Errorf("%s without an address to put into it", name)
		}
	}
}

// TestParts reads a chapter that goes on on a second page.
func TestParts(t *testing.T) {
	out := build(t, Config{BaseURL: "https://example.org/book/"})
	for page, wants := range map[string][]string{
		"01-waiting.html": {`href="02-asking-2.html#%E7%AD%89%E5%BE%85-and-other-words"`},
		"02-asking.html": {`<p class="eyebrow">Chapter 2, part 1 of 2</p>`, `make chapter 2</b>`,
			`<link rel="next" href="02-asking-2.html">`, `<span>Next</span> 2. Asking again and again, part 2</a>`,
			`<li><a href="#a-question-without-an-answer">`, `<li><a href="02-asking-2.html#asked-too-often">`},
		"02-asking-2.html": {`<p class="eyebrow">Chapter 2, part 2 of 2</p>`,
			`<a href="02-asking.html">A question without an answer</a> · <b aria-current="page">Asked too often</b>`, `<title>Asking again and again, part 2 · `,
			`<meta name="description" content="Asked too often. One part further on,`, `/02-asking-2.html">`,
			`<link rel="prev" href="02-asking.html">`, `<link rel="next" href="claims.html">`,
			`<a href="02-asking.html" aria-current="true">`, `<li><a href="02-asking.html#a-question-without-an-answer">`, `<li><a href="#asked-too-often">`,
			`<a href="02-asking.html#asking">the loop</a>`, `<a href="#asked-too-often">this section</a>`, `data-in=02-asking.html#asking>`},
		"claims.html":           {`href="02-asking.html#asking"`, `href="02-asking-2.html#broken"`},
		"calls.html":            {`href="02-asking-2.html#stuck"`},
		"print.html":            {`id=ch02-asked-too-often>`, `href="#ch02-asking">the loop`},
		"sitemap.xml":           {`<loc>https://example.org/book/02-asking-2.html</loc>`},
		"assets/search-data.js": {`"u":"02-asking-2.html#asked-too-often"`, `"u":"claims.html#p03"`},
	} {
		html := read(t, out, page)
		for _, want := range wants {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s", page, want)
			}
		}
	}
	if strings.Contains(read(t, out, "02-asking-2.html"), "make chapter 2</b>") {
		t.Error("the second part tells to run the chapter once more")
	}
}

func TestChaptersThatAreNamedAreLinked(t *testing.T) {
	out := build(t, Config{})
	for page, want := range map[string]string{
		"01-waiting.html": `; <a href="02-asking.html">chapter 2</a> asks again instead, chapter 1 does not.`,
		"print.html":      `; <a href="#ch02-title">chapter 2</a> asks again instead, chapter 1 does not.`,
	} {
		if !strings.Contains(read(t, out, page), want) {
			t.Errorf("%s: no %s", page, want)
		}
	}
}

func TestAppendices(t *testing.T) {
	out := build(t, Config{})
	for page, wants := range map[string][]string{
		"claims.html":   {`id="c10"`, `href="02-asking.html#asking"`, "300,000 questions sent not one segment", `class="verdict imprecise"`, "C66", "check failed", `<tr id="p03"><th scope="row">P03</th><td><span class="check failed">C11 wrong: P03 fails: <a href="02-asking-2.html#broken">`},
		"calls.html":    {`id="epoll_wait"`, `href="01-waiting.html#server"`, "accept4(2)"},
		"errors.html":   {`id="eagain"`, "resource temporarily unavailable", `href="calls.html#recvfrom"`},
		"glossary.html": {`id="readiness"`, `lang="zh-Hans"`},
		"print.html":    {`id="ch01-server"`, `href="#ch02-a-question-without-an-answer"`, `<details class="folded" open>`},
	} {
		html := read(t, out, page)
		for _, want := range wants {
			if !strings.Contains(html, want) {
				t.Errorf("%s: no %s", page, want)
			}
		}
	}
}

// The policy of every page: nothing inline, nothing from elsewhere, and one H1.
func TestEveryPage(t *testing.T) {
	out := build(t, Config{})
	pages, _ := filepath.Glob(filepath.Join(out, "*.html"))
	if len(pages) < 9 {
		t.Fatalf("%d pages", len(pages))
	}
	inline := regexp.MustCompile(`(?i)<[^>]*\s(style|on[a-z]+)=|<script>|<style|javascript:`)
	for _, path := range pages {
		html, name := read(t, path), filepath.Base(path)
		if !strings.Contains(html, `content="default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"`) {
			t.Errorf("%s has no content policy", name)
		}
		if m := inline.FindString(html); m != "" {
			t.Errorf("%s: inline: %s", name, clip(m, 80))
		}
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s has %d H1", name, n)
		}
		if !strings.Contains(html, `<html lang="en">`) || !strings.Contains(html, `class="skip"`) {
			t.Errorf("%s: no language or no skip link", name)
		}
		theme, css := strings.Index(html, "theme.js"), strings.Index(html, "<body")
		if theme < 0 || theme > css || strings.Contains(html, `defer src="assets/theme.js`) {
			t.Errorf("%s: the theme is chosen after the first paint", name)
		}
	}
}

// TestBudgets weighs what a browser has to load.
func TestBudgets(t *testing.T) {
	for _, dir := range sites(t) {
		within(t, "style sheet", read(t, dir, "assets", "site.css"), 24_000, 7_000)
		within(t, "scripts at load", read(t, dir, "assets", "theme.js")+read(t, dir, "assets", "site.js")+read(t, dir, "assets", "stepper.js"), 14_000, 6_000)
		for _, name := range pagesIn(t, dir) {
			if name != "print.html" { // all chapters at once, for a printer
				within(t, name, read(t, dir, name), 120_000, 30_000)
			}
		}
	}
}

func within(t *testing.T, what, data string, raw, packed int) {
	t.Helper()
	z := compressed(t, data)
	t.Logf("%s: %d bytes, %d compressed of %d", what, len(data), z, packed)
	if len(data) > raw || z > packed {
		t.Errorf("%s: %d bytes, %d compressed; the budget is %d and %d", what, len(data), z, raw, packed)
	}
}

func compressed(t *testing.T, data string) int {
	t.Helper()
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(data))
	w.Close()
	return z.Len()
}

// The site reads recordings. It must not be able to run a cell.
func TestImportsNoEngine(t *testing.T) {
	deps, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(deps), "ioworkbook/runner/notebook") {
		t.Fatalf("go list names no notebook:\n%s", deps)
	}
	for _, dep := range strings.Fields(string(deps)) {
		if strings.Contains(dep, "yaegi") || strings.HasPrefix(dep, "ioworkbook/runner/kernel") {
			t.Errorf("site depends on %s", dep)
		}
	}
}

// TestNu runs the Nu HTML checker over every page, when VNU_JAR names it
// (npm package vnu-jar).
func TestNu(t *testing.T) {
	jar := os.Getenv("VNU_JAR")
	if jar == "" {
		t.Skip("NOT TESTED with the Nu HTML checker: VNU_JAR names no jar")
	}
	for _, site := range sites(t) {
		pages, _ := filepath.Glob(filepath.Join(site, "*.html"))
		if len(pages) == 0 {
			t.Fatalf("no pages in %s", site)
		}
		out, err := exec.Command("java", append([]string{"-jar", jar, "--errors-only"}, pages...)...).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
