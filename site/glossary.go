package site

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

const glossaryFile = "data/glossary.md"

// parseGlossary reads the table of terms: English, Chinese, meaning. Every row
// gets the id of its English term, and the Chinese its language.
func (b *book) parseGlossary() *document {
	src, err := files.ReadFile(glossaryFile)
	if err != nil {
		b.errs.add("site/"+glossaryFile, 0, "%v", err)
	}
	d := &document{path: "site/" + glossaryFile, src: src, errs: &b.errs,
		chapterURL: func(string) string { return "" },
		resolve:    func(dest string, _ int) (string, error) { return b.resolve(dest, nil, 0, false) }}
	d.parse()
	var terms []string
	ast.Walk(d.root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		row, ok := n.(*east.TableRow)
		if !ok || !enter {
			return ast.WalkContinue, nil
		}
		term := plainText(row.FirstChild(), d.src)
		id := slug(term)
		row.SetAttributeString("id", []byte(id))
		d.refs[id] = d.lineOf(row)
		row.FirstChild().NextSibling().SetAttributeString("lang", []byte("zh-Hans"))
		if n := len(terms); n > 0 && strings.ToLower(terms[n-1]) > strings.ToLower(term) {
			d.errorf(row, "%q stands after %q: terms are sorted", term, terms[n-1])
		}
		if slices.Contains(terms, term) {
			d.errorf(row, "%q is explained twice", term)
		}
		terms = append(terms, term)
		b.terms = append(b.terms, section{ID: id, Title: term, Text: plainText(row, d.src)})
		return ast.WalkSkipChildren, nil
	})
	return d
}
