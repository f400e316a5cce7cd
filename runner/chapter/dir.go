package chapter

import (
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
// them: two files with one number, a number missing (the first is 0 or 1), no
// chapter at all. Chapters without errors of their own are returned even then.
func LoadDir(dir string) ([]*Chapter, error) {
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.md"))
	if err != nil {
		return nil, Errors{{Path: dir, Msg: err.Error()}}
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, Errors{{Path: dir, Msg: "cannot read the chapters: " + unwrapPath(err)}}
	}
	if len(names) == 0 {
		return nil, Errors{{Path: dir, Msg: "no chapter here; " + fileNameRule}}
	}

	var chapters []*Chapter
	var errs Errors
	byNumber := map[int]string{}
	last := -1
	for _, path := range names { // Glob sorts, and NN has a fixed width
		src, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, &Error{Path: path, Msg: "cannot read the chapter: " + unwrapPath(err)})
			continue
		}
		if n, _, ok := splitName(path); ok {
			switch first, taken := byNumber[n], false; {
			case first != "":
				taken = true
				fallthrough
			case taken:
				errs = append(errs, &Error{Path: path, Msg: fmt.Sprintf("chapter number %d is taken by %s", n, first)})
			case last < 0 && n > 1:
				errs = append(errs, &Error{Path: path, Msg: fmt.Sprintf("the first chapter has number %d; it must be 0 or 1", n)})
			case last >= 0 && n > last+1:
				errs = append(errs, &Error{Path: path, Msg: fmt.Sprintf("chapter number %d follows %d; %d is missing", n, last, last+1)})
			}
			if byNumber[n] == "" {
				byNumber[n] = path
			}
			last = n
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

func escapeGlob(dir string) string {
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllString(dir, `\$0`)
}

// unwrapPath drops "open NAME: " from a file error whose message names the
// file already.
func unwrapPath(err error) string {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
