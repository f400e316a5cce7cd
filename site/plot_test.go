package site

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestSeriesAreToldApart draws as many lines as there are markers: no two may
// look alike, and every marker that is asked for must be there.
func TestSeriesAreToldApart(t *testing.T) {
	p := plot{Title: "many"}
	for i := range 2 * seriesKinds {
		p.Series = append(p.Series, series{Name: fmt.Sprint("line ", i), X: []float64{1, 2}, Y: []float64{1, float64(i)}})
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	html, err := plotHTML(data)
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`class="line s\d" marker-start=(\S+) marker-mid=\S+ marker-end=\S+ d="M`).FindAllStringSubmatch(html, -1)
	if len(lines) != len(p.Series) {
		t.Fatalf("%d lines of %d series", len(lines), len(p.Series))
	}
	looks := map[string]bool{}
	for _, m := range lines {
		id := strings.TrimSuffix(strings.TrimPrefix(m[1], "url(#"), ")")
		marker := regexp.MustCompile(`<marker id=` + id + ` .*?<path (class=.*?)/></marker>`).FindStringSubmatch(plotDefs)
		if marker == nil {
			t.Fatalf("no marker %q", id)
		}
		if looks[marker[1]] {
			t.Errorf("two lines have the marker %s", marker[1])
		}
		looks[marker[1]] = true
	}
}

func TestBarsOfTwoSeriesDiffer(t *testing.T) {
	html, err := plotHTML([]byte(`{"bars": true, "series": [{"name": "a", "y": [1, 2]}, {"name": "b", "y": [3, 4]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	// Two bars and a sample of each series, those of the second striped.
	if bars, stripes := strings.Count(html, `class="bar `), strings.Count(html, "class=stripes"); bars != 6 || stripes != 3 {
		t.Errorf("%d bars, %d striped", bars, stripes)
	}
	if !regexp.MustCompile(`(?m)\.stripes \{[^}]*stroke:`).MatchString(read(t, "assets", "site.css")) {
		t.Error("the style sheet draws no stripes")
	}
}

func TestStretches(t *testing.T) {
	var s stretches
	for _, x := range [][2]float64{{0, .8}, {.8, 1.2}, {1.5, 3}, {10, 10}, {20, 25.25}} {
		s.add(x[0], x[1])
	}
	if got := s.String(); got != "M0 0h3M20 0h5.2" {
		t.Errorf("%s", got)
	}
}

func TestPx(t *testing.T) {
	for v, want := range map[float64]string{0: "0", .04: "0", -.04: "0", .5: ".5", -.5: "-.5", 12: "12", -3.25: "-3.2", 100.06: "100.1"} {
		if got := px(v); got != want {
			t.Errorf("%v: %q, not %q", v, got, want)
		}
	}
}
