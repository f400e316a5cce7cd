package chapter

import "strings"

// attributeSet is what an info string declares: the values, and where each
// word stands in the file.
type attributeSet struct {
	values Attributes
	at     map[string]int
}

// infoString reads the words after a fence's marks, which stand at offset at:
//
//	go {name=accept timeout=3s fold}
//
// It reports whether the fence is a Go fence; errors are noted in p.
func (p *parser) infoString(info string, at int) (set attributeSet, brace int, isCell bool) {
	set = attributeSet{values: Attributes{Run: true, Timeout: DefaultTimeout}, at: map[string]int{}}
	lang := info
	if i := strings.IndexAny(info, " \t{"); i >= 0 {
		lang = info[:i]
	}
	rest := strings.TrimLeft(info[len(lang):], " \t")
	brace = at + len(info) - len(rest)
	braced := strings.HasPrefix(rest, "{")

	switch {
	case lang == "go":
	case strings.EqualFold(lang, "go") || strings.EqualFold(lang, "golang"):
		p.errorf(at, "fence language %q; write go", lang)
	case lang == "" && braced:
		p.errorf(at, "attributes without a language; write go {name=slug}")
		return set, brace, false
	case braced:
		p.errorf(brace, "attributes on a fence of language %q; only go fences take them", lang)
		return set, brace, false
	default:
		return set, brace, false
	}
	switch {
	case rest == "":
		p.errorf(at, "Go fence without attributes; write go {name=slug} if it runs, go {run=false} if it is only shown")
		return set, brace, true
	case !braced:
		p.errorf(brace, "attributes go in braces: go {name=slug}")
		return set, brace, true
	case len(rest) == len(info)-len(lang):
		p.errorf(brace, "put a space between go and {")
	}
	if p.attributes(rest, brace, &set) && set.values.Name == "" && set.values.Run {
		if _, given := set.at["name"]; !given {
			p.errorf(brace, "cell without a name; add name=slug, or run=false if it is only shown")
		}
	}
	return set, brace, true
}

// attributes reads {a b=c d="e f"}, which stands at offset base, into set. It
// reports whether it could read to the end; values may have been bad even so.
func (p *parser) attributes(s string, base int, set *attributeSet) bool {
	i := 1
	for {
		i += len(s[i:]) - len(strings.TrimLeft(s[i:], " \t"))
		if i == len(s) {
			p.errorf(base, "the attributes' brace is never closed; end the line with }")
			return false
		}
		if s[i] == '}' {
			if strings.TrimSpace(s[i+1:]) != "" {
				p.errorf(base+i+1, "text after the attributes; end the line with }")
			}
			return true
		}
		start := i
		i += wordLen(s[i:], " \t={}\"")
		if i == start {
			p.errorf(base+i, "unexpected %s; attributes are words or word=value, separated by blanks", quote(s[i:i+1]))
			return false
		}
		if blank := strings.TrimLeft(s[i:], " \t"); len(blank) < len(s[i:]) && strings.HasPrefix(blank, "=") {
			p.errorf(base+i, "blank before =; write word=value")
			return false
		}
		name, value, hasValue := s[start:i], "", false
		valueAt := i
		if i < len(s) && s[i] == '=' {
			var msg string
			hasValue, valueAt = true, i+1
			value, i, msg = attributeValue(s, valueAt)
			if msg != "" {
				p.errorf(base+valueAt, msg, quote(name))
				return false
			}
		}
		p.attribute(set, name, base+start, value, base+valueAt, hasValue)
	}
}

// attributeValue reads the value at s[i:], bare or quoted, and returns the
// offset after it. What is wrong with it is a format that takes the attribute.
func attributeValue(s string, i int) (value string, end int, msg string) {
	if i == len(s) || s[i] != '"' {
		end = i + wordLen(s[i:], " \t}")
		value = s[i:end]
		switch {
		case value == "":
			return "", end, "no value for %s"
		case strings.ContainsAny(value, "\"{"):
			return "", end, `quote or brace in the value of %s; put all of it in quotes: "a \"b\" {c}"`
		}
		return value, end, ""
	}
	var b strings.Builder
	for end = i + 1; end < len(s); end++ {
		switch c := s[end]; {
		case c == '"':
			return b.String(), end + 1, ""
		case c == '\\' && end+1 < len(s) && (s[end+1] == '"' || s[end+1] == '\\'):
			end++
			b.WriteByte(s[end])
		default:
			b.WriteByte(c)
		}
	}
	return "", end, "the value of %s has no closing quote"
}

// attribute checks one attribute against the closed set and stores it.
func (p *parser) attribute(set *attributeSet, name string, at int, value string, valueAt int, hasValue bool) {
	var known []string
	for _, a := range attributes() {
		known = append(known, a.name)
		if a.name != name {
			continue
		}
		if _, twice := set.at[name]; twice {
			p.errorf(at, "attribute %s is given twice", name)
			return
		}
		set.at[name] = at
		before := set.values
		switch {
		case a.valid == "" && hasValue:
			p.errorf(valueAt, "%s takes no value", name)
		case a.valid != "" && !hasValue:
			p.errorf(at, "%s needs a value: %s=..., valid: %s", name, name, a.valid)
		case !a.set(&set.values, value):
			set.values = before
			word, _, _ := strings.Cut(value, ":")
			p.errorf(valueAt, "bad value %s for %s%s; valid: %s", quote(value), name, didYouMean(word, a.words), a.valid)
		}
		return
	}
	meant := didYouMean(name, known)
	if strings.Contains(meant, " name?") {
		set.at["name"] = at // one message for one slip
	}
	p.errorf(at, "unknown attribute %s%s; valid: %s", quote(name), meant, strings.Join(known, ", "))
}

// wordLen returns the length of s up to the first byte that is in stop.
func wordLen(s, stop string) int {
	if i := strings.IndexAny(s, stop); i >= 0 {
		return i
	}
	return len(s)
}
