package lab

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares text with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, got)
	}
	for line := range strings.Lines(got) {
		if n := columnsOf(strings.TrimRight(line, "\n")); n > Width {
			t.Errorf("%s: %d columns, at most %d:\n%s", path, n, Width, line)
		}
	}
}

func TestPlotText(t *testing.T) {
	descriptors := []float64{10, 100, 1000, 10000}
	for name, f := range map[string]Figure{
		"lines-log": {Title: "Cost of one wait", XLabel: "descriptors", YLabel: "time/µs", LogX: true, LogY: true,
			Series: []Series{
				{Name: "select", X: descriptors, Y: []float64{1.5, 10, 94, 964}},
				{Name: "epoll", X: descriptors, Y: []float64{0.56, 0.57, 0.57, 0.58}}}},
		"lines-linear": {Title: "Bytes taken", XLabel: "t/s", YLabel: "bytes", Series: []Series{
			{Name: "sent", X: []float64{0, 0.5, 1, 1.5, 2}, Y: []float64{0, 1.2e6, 2.4e6, 3.9e6, 3.9e6}}}},
		"one-point":   {Series: []Series{{Y: []float64{7}}}},
		"not-numbers": {LogY: true, Series: []Series{{Name: "a", Y: []float64{0, math.NaN(), 10, math.Inf(1), 1000}}}},
		"nothing":     {Title: "Nothing", LogY: true, Series: []Series{{Name: "a", Y: []float64{0, -1}}}},
		"bars": {Title: "Throughput", YLabel: "requests/s", XLabel: "more is better", Bars: true, Series: []Series{
			{Name: "threads", Labels: []string{"1 connection", "100 connections"}, Y: []float64{22000, 90000}},
			{Name: "epoll", Y: []float64{22100, 154000}}}},
		"bars-log": {Bars: true, LogY: true, Series: []Series{
			{Labels: []string{"read of 1 B", "wait of 50 ms", "none"}, Y: []float64{0.9, 50300, 0}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := f.check(); err != nil {
				t.Fatal(err)
			}
			golden(t, "plot-"+name+".txt", f.finite().text())
		})
	}
}

func TestPlotRefuses(t *testing.T) {
	for want, f := range map[string]Figure{
		`lab.Plot: figure "T" has no series`:                 {Title: "T"},
		`lab.Plot: series "a" has no values`:                 {Series: []Series{{Name: "a"}}},
		`lab.Plot: series "a" has 1 x values and 2 y values`: {Series: []Series{{Name: "a", X: []float64{1}, Y: []float64{1, 2}}}},
		`lab.Plot: series "a" has 1 labels and 2 values`:     {Series: []Series{{Name: "a", Labels: []string{"x"}, Y: []float64{1, 2}}}},
		`lab.Plot: series "b" has 1 bars, the first has 2`:   {Bars: true, Series: []Series{{Y: []float64{1, 2}}, {Name: "b", Y: []float64{1}}}},
	} {
		v, _ := caught(func() { Plot(f) })
		failure, ok := v.(*Failure)
		if !ok || failure.Err.Error() != want {
			t.Errorf("got  %v\nwant %s", v, want)
		}
	}
}

func TestTableText(t *testing.T) {
	var b strings.Builder
	for _, c := range []struct {
		header []string
		rows   [][]string
	}{
		{[]string{"server", "clients", "requests/s", "memory"}, [][]string{
			{"threads", "100", "90,123.4", "1.9 MiB"}, {"epoll", "100", "154,000", "880 KiB"}, {"polling", "1", "-", "17 KiB"}}},
		{[]string{"call", "what happens when the client stays silent for a long time", "n"}, [][]string{
			{"accept", "the kernel finishes handshakes meanwhile; accept returns at once", "1"},
			{"recvfrom", "it waits", "20"}}},
		{[]string{"模型", "阻塞"}, [][]string{{"阻塞 I/O", "是"}, {"epoll", "no"}}},
		{[]string{"short row", "b"}, [][]string{{"x"}, {"", "y", "extra"}}},
		{[]string{"no rows"}, nil},
		{[]string{"long"}, [][]string{{strings.Repeat("0123456789", 9)}}},
	} {
		b.WriteString(tableText(c.header, c.rows) + "\n")
	}
	golden(t, "tables.txt", b.String())
}

func TestNumberText(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.5: "0.5", 0.00123: "0.00123", 12.345: "12.3", 999: "999", 1000: "1,000", 123456.7: "123,457",
		-1234: "-1,234", -12: "-12", 1.5e9: "1.5e+09", 0.00001: "1e-05",
	} {
		if got := numberText(v); got != want {
			t.Errorf("numberText(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestPercentile(t *testing.T) {
	v := []float64{4, 1, 3, 2}
	for p, want := range map[float64]float64{0: 1, 25: 1.75, 50: 2.5, 100: 4, -5: 1, 200: 4} {
		if got := Percentile(v, p); math.Abs(got-want) > 1e-12 {
			t.Errorf("Percentile(%v, %v) = %v, want %v", v, p, got, want)
		}
	}
	if v[0] != 4 {
		t.Error("Percentile sorted its argument")
	}
	if Median(nil) != 0 || Median([]float64{7}) != 7 {
		t.Error("Median of nothing is 0, of one value the value")
	}
}

func TestMeasure(t *testing.T) {
	calls := 0
	s := Measure(5, func() { calls++ })
	if calls != 6 || len(s.Runs) != 5 {
		t.Errorf("%d calls and %d runs, want 6 and 5", calls, len(s.Runs))
	}
	if s.Min > s.Median || s.Median > s.Max || s.Max <= 0 {
		t.Errorf("min %v, median %v, max %v", s.Min, s.Median, s.Max)
	}
}
