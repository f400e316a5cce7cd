package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// outputs brings a cell's outputs into the form that is stored: neighbouring
// text of one stream in one piece, bytes that are no text made visible, JSON
// in one spelling.
func outputs(list []Output) []Output {
	var out []Output
	for _, o := range list {
		o.Text = visible(o.Text)
		if o.Stream == "" {
			out = append(out, rendering(o))
			continue
		}
		o.MIME, o.Data = "", nil
		if o.Text == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].Stream == o.Stream {
			out[last].Text += o.Text
			continue
		}
		out = append(out, o)
	}
	return out
}

// rendering checks a rendering's data against its type and gives it a plain
// text.
func rendering(o Output) Output {
	data, err := canonical(o.Data)
	if err != nil {
		data, _ = json.Marshal(visible(string(o.Data)))
	}
	var text string
	isText := json.Unmarshal(data, &text) == nil && len(data) > 0 && data[0] == '"'
	switch {
	case o.MIME == "text/plain":
		if isText && o.Text == "" {
			o.Text = visible(text)
		}
		data = nil
	case !isJSON(o.MIME) && isText:
		data, _ = encode(visible(text))
	case !isJSON(o.MIME):
		data, _ = encode(string(data))
	}
	o.Data = data
	if o.Text == "" {
		o.Text = caption(o)
	}
	return o
}

// isJSON reports whether nbformat stores this type as JSON, not as text.
func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json")
}

// caption stands for a rendering where nothing but text is shown.
func caption(o Output) string {
	var figure struct{ Title string }
	if isJSON(o.MIME) && json.Unmarshal(o.Data, &figure) == nil && figure.Title != "" {
		return visible(figure.Title)
	}
	return "[" + o.MIME + "]"
}

// canonical spells JSON in one way: keys sorted, no blanks, numbers as they
// were.
func canonical(data []byte) (json.RawMessage, error) {
	v, err := decode(data)
	if err != nil {
		return nil, err
	}
	return encode(v)
}

func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("text after the JSON value")
	}
	return v, nil
}

// encode is json.Marshal without the escapes that only HTML needs.
func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// visible writes bytes that are not UTF-8, and control characters other than
// tab, line ends and escape, as \xNN.
func visible(s string) string {
	bad := func(r rune, size int) bool {
		return r == utf8.RuneError && size == 1 || r < ' ' && !strings.ContainsRune("\t\n\r\x1b", r)
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if bad(r, size) {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}
