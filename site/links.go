package site

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
)

var chapterFile = regexp.MustCompile(`^\d\d-[a-z0-9-]+\.md$`)

// resolve turns a link as a part of a chapter writes it into one that works on
// the site. On the page of the whole book every chapter's ids carry its prefix.
func (b *book) resolve(dest string, from *chapterPage, part int, whole bool) (string, error) {
	if strings.Contains(dest, "://") || strings.HasPrefix(dest, "mailto:") {
		return dest, nil
	}
	file, frag, hasFrag := strings.Cut(dest, "#")
	switch {
	case file == "" && hasFrag && whole:
		return "#" + printPrefix(from.chapter.Slug) + frag, nil
	case file == "" && hasFrag && from != nil && from.doc.partOf[frag] != part:
		return from.at(frag), nil
	case file == "" && hasFrag:
		return dest, nil
	case file == "../site/data/glossary.md":
		return join("glossary.html", frag), nil
	case chapterFile.MatchString(file):
		name := strings.TrimSuffix(file, ".md")
		i := slices.IndexFunc(b.chapters, func(p *chapterPage) bool { return p.chapter.Slug == name })
		switch {
		case i < 0:
			return "", fmt.Errorf("link to %s: there is no such chapter; name it without a link until there is", file)
		case whole && frag == "":
			return "#" + printPrefix(name) + "title", nil
		case whole:
			return "#" + printPrefix(name) + frag, nil
		}
		return b.chapters[i].at(frag), nil
	}
	return "", fmt.Errorf("link %q: valid are #id, NN-slug.md#id, ../site/data/glossary.md#term and addresses with a scheme", dest)
}

// chapterURL is the address of the chapter with a number, "" if there is none or
// it is the one that asks.
func (b *book) chapterURL(number string, from *chapterPage, whole bool) string {
	for _, p := range b.chapters {
		switch {
		case itoa(p.chapter.Number) != number || p.chapter == from.chapter:
		case whole:
			return "#" + printPrefix(p.chapter.Slug) + "title"
		default:
			return p.url(0)
		}
	}
	return ""
}

func join(file, frag string) string {
	if frag == "" {
		return file
	}
	return file + "#" + frag
}

// checkLinks looks at the pages as they will be served: every id once, every
// relative link to a page, an asset or an id that exists.
func (b *book) checkLinks(pages []*page) {
	ids := map[string]map[string]bool{} // page -> ids
	links := map[string][]string{}
	exists := map[string]bool{}
	for _, p := range pages {
		exists[p.name] = true
		if !strings.HasSuffix(p.name, ".html") {
			continue
		}
		ids[p.name] = map[string]bool{}
		scanAttributes(p.data, func(name, value string) {
			switch name {
			case "id":
				if ids[p.name][value] && !b.repeats(p) {
					b.errs.add(p.source(), p.lineOf(value), "id %q twice on %s: rename the heading or the cell", value, p.name)
				}
				ids[p.name][value] = true
			case "href", "src":
				links[p.name] = append(links[p.name], value)
			}
		})
	}
	for _, p := range pages {
		if b.repeats(p) {
			continue
		}
		for _, href := range links[p.name] {
			if strings.Contains(href, ":") || href == p.base {
				continue
			}
			file, frag, _ := strings.Cut(href, "#")
			file, _, _ = strings.Cut(file, "?")
			if plain, err := url.PathUnescape(frag); err == nil {
				frag = plain // html/template escapes what is not ASCII
			}
			if file == "" {
				file = p.name
			}
			switch {
			case !exists[file]:
				b.errs.add(p.source(), p.lineOf(href), "link to %s: there is no such page", href)
			case frag != "" && ids[file] != nil && !ids[file][frag]:
				b.errs.add(p.source(), p.lineOf(href), "link to %s: nothing on %s has the id %q%s", href, file, frag, nearest(frag, ids[file]))
			}
		}
	}
}

// repeats reports whether what is wrong with a page has been said: the page of
// the whole book only repeats the chapters.
func (b *book) repeats(p *page) bool { return p.name == "print.html" && len(b.errs) > 0 }

// nearest suggests the ids that contain what was asked, or are contained in it.
func nearest(frag string, ids map[string]bool) string {
	var near []string
	for id := range ids {
		if id != "" && (strings.Contains(id, frag) || strings.Contains(frag, id)) {
			near = append(near, "#"+id)
		}
	}
	if len(near) == 0 {
		return ""
	}
	sort.Strings(near)
	return "; there is " + strings.Join(near[:min(3, len(near))], ", ")
}

// scanAttributes calls f with every attribute of every tag. It reads the HTML
// this package writes, in which < and > stand only around tags.
func scanAttributes(html []byte, f func(name, value string)) {
	s := string(html)
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			return
		}
		s = s[i+1:]
		if s == "" || s[0] == '/' || s[0] == '!' {
			continue
		}
		s = strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
		for {
			s = strings.TrimLeft(s, " \t\r\n/")
			if s == "" || s[0] == '>' {
				break
			}
			n := strings.IndexAny(s, "= >\n")
			if n < 0 {
				return
			}
			name := s[:n]
			if s[n] != '=' {
				f(name, "")
				s = s[n:]
				continue
			}
			s = s[n+1:]
			var value string
			if strings.HasPrefix(s, `"`) {
				end := strings.IndexByte(s[1:], '"')
				if end < 0 {
					return
				}
				value, s = s[1:end+1], s[end+2:]
			} else {
				end := strings.IndexAny(s, " >\n")
				if end < 0 {
					return
				}
				value, s = s[:end], s[end:]
			}
			f(name, unentity(value))
		}
	}
}
