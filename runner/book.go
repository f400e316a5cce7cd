//go:build linux

package main

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ioworkbook/runner/chapter"
)

// A chapter's file is named for its place in the book and its subject:
// 03-threads.md.
var chapterFile = regexp.MustCompile(`^([0-9]+)-.+\.md$`)

// chapterPaths maps each chapter's number to its files; more than one for a
// number is an error only when that number is asked for.
func (a *app) chapterPaths() (map[int][]string, error) {
	entries, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, usagef("the chapters cannot be read: %v", err)
	}
	paths := map[int][]string{}
	for _, e := range entries {
		m := chapterFile.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		paths[n] = append(paths[n], filepath.Join(a.dir, e.Name()))
	}
	return paths, nil
}

// oneChapter reads the chapter that the first of words numbers, and nothing of
// the others: a mistake in one chapter does not stop a reader of another.
func (a *app) oneChapter(verb string, words []string) (*chapter.Chapter, error) {
	if len(words) == 0 {
		return nil, usagef("make %s takes a chapter's number\n%s", verb, a.contents())
	}
	paths, err := a.chapterPaths()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(words[0])
	if err != nil || len(paths[n]) == 0 {
		return nil, usagef("no chapter %q\n%s", words[0], a.contents())
	}
	if len(paths[n]) > 1 {
		return nil, usagef("chapter %d is in more than one file: %s; rename all but one",
			n, strings.Join(paths[n], ", "))
	}
	src, err := os.ReadFile(paths[n][0])
	if err != nil {
		return nil, err
	}
	return chapter.Parse(paths[n][0], src)
}

// parseChapter is for a verb that takes one chapter and no other words.
func (a *app) parseChapter(flags *flag.FlagSet, args []string) (*chapter.Chapter, error) {
	words, err := a.parse(flags, args)
	if err != nil {
		return nil, err
	}
	if len(words) > 1 {
		return nil, usagef("%s takes one chapter: %s%s", flags.Name(), strings.Join(words, " "), byVariable(flags.Name(), words))
	}
	return a.oneChapter(flags.Name(), words)
}

// byVariable says how a part of a chapter is asked for, if the word after the
// chapter's number looks like the name of one.
func byVariable(verb string, words []string) string {
	variable := map[string]string{"chapter": "CELL", "play": "SERVER"}[verb]
	if _, err := strconv.Atoi(words[1]); err == nil || variable == "" {
		return ""
	}
	return fmt.Sprintf("; one %s of it: make %s %s %s=%s", strings.ToLower(variable), verb, words[0], variable, words[1])
}

// someChapters reads the chapter that words number, or all when they are empty.
// With an error come the chapters that have none of their own.
func (a *app) someChapters(verb string, words []string) ([]*chapter.Chapter, error) {
	if len(words) == 0 {
		return chapter.LoadDir(a.dir)
	}
	ch, err := a.oneChapter(verb, words)
	if err != nil {
		return nil, err
	}
	return []*chapter.Chapter{ch}, nil
}

func sortedNumbers(paths map[int][]string) []int {
	return slices.Sorted(maps.Keys(paths))
}

func (a *app) contents() string {
	paths, err := a.chapterPaths()
	if err != nil {
		return err.Error()
	}
	if len(paths) == 0 {
		return fmt.Sprintf("no chapters in %s (they are named like 01-two-phases.md)", a.dir)
	}
	var b strings.Builder
	b.WriteString("The chapters:")
	for _, n := range sortedNumbers(paths) {
		fmt.Fprintf(&b, "\n  %2d  %s", n, title(paths[n][0]))
	}
	return b.String()
}

// title reads a chapter's heading from its source without asking that the rest
// be well formed.
func title(path string) string {
	src, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(src)) {
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			return strings.TrimSpace(heading)
		}
	}
	return filepath.Base(path)
}
