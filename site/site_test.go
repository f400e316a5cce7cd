package site

import (
	"os"
	"path/filepath"
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

func TestBuild(t *testing.T) {
	out := build(t, Config{})
	if dir := os.Getenv("SITE_KEEP"); dir != "" {
		build(t, Config{Out: dir})
	}
	if page := read(t, out, "01-waiting.html"); !strings.Contains(page, `id="server"`) {
		t.Error("no cell on the page")
	}
}
