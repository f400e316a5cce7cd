package chapter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

var fileName = regexp.MustCompile(`^([0-9]{2})-[a-z0-9]+(-[a-z0-9]+)*\.md$`)

const fileNameRule = "a chapter's file name is NN-slug.md: two digits, a hyphen, lower-case letters, digits and hyphens"

// splitName takes chapters/03-threads.md apart: 3, "03-threads".
func splitName(path string) (number int, slug string, ok bool) {
	base := filepath.Base(path)
	m := fileName.FindStringSubmatch(base)
	if m == nil {
		return 0, strings.TrimSuffix(base, ".md"), false
	}
	number, _ = strconv.Atoi(m[1])
	return number, strings.TrimSuffix(base, ".md"), true
}

// LoadDir parses every *.md file of dir, sorted by number. The error is an
// Errors with everything wrong in any file, and with what is wrong between
// them: two files with one number, no chapter at all. Numbers may be missing.
// Chapters without errors of their own are returned even then.
func LoadDir(dir string) ([]*Chapter, error) {
	entries, err := os.ReadDir(dir) // sorted, and NN has a fixed width
	if err != nil {
		return nil, Errors{{Path: dir, Msg: "cannot read the chapters: " + cause(err)}}
	}
	var names []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".md" && !e.IsDir() {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, Errors{{Path: dir, Msg: "no chapter here; " + fileNameRule}}
	}

	var chapters []*Chapter
	var errs Errors
	byNumber := map[int]string{}
	for _, path := range names {
		src, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, &Error{Path: path, Msg: "cannot read the chapter: " + cause(err)})
			continue
		}
		if n, _, ok := splitName(path); ok {
			if first := byNumber[n]; first != "" {
				errs = append(errs, &Error{Path: path, Msg: fmt.Sprintf("chapter number %d is taken by %s", n, first)})
			} else {
				byNumber[n] = path
			}
		}
		c, err := Parse(path, src)
		if err != nil {
			errs = append(errs, err.(Errors)...)
			continue
		}
		chapters = append(chapters, c)
	}
	if len(errs) > 0 {
		errs.sort()
		return chapters, errs
	}
	return chapters, nil
}

// cause drops "open NAME: " from an error that is reported under that name.
func cause(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
