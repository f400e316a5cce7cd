// The stepper: walks through the calls of a timeline. The words and the lines
// come from the table below the drawing.
(function () {
  "use strict";
  var w = window.workbook, make = w.make, $ = w.$, $$ = w.$$;

  $$(".cell .tl").forEach(function (tl) {
    var cell = tl.closest(".cell");
    var rows = $$("tbody tr", tl);
    if (!rows.length) return;
    var bars = $$(".ev", tl); // a call that crosses from one stave to the next has two
    var row = -1; // of the table: the next one, or the one a bar names
    bars.forEach(function (g) { row = g.row = Number(g.dataset.r || row + 1); });
    var box = $(".tl-scroll", tl);
    var mark = make("span", { className: "line-mark", hidden: true });
    var at = -1;

    var first = button("|◀", "Back to the start"), back = button("◀", "Previous call"), next = button("▶", "Next call");
    var range = make("input", { type: "range", min: "0", max: rows.length, value: "0", "aria-label": "Call" });
    var words = make("p", { className: "say", "aria-live": "polite" });
    var panel = make("div", { className: "stepper", role: "group", "aria-label": "Step through the calls of " + cell.id }, [first, back, next, range, words]);
    box.after(panel);
    tl.classList.add("stepping");

    function button(sign, label) {
      return make("button", { type: "button", textContent: sign, "aria-label": label });
    }

    function show(i) {
      at = Math.max(-1, Math.min(rows.length - 1, i));
      range.value = at + 1;
      back.disabled = first.disabled = at < 0;
      next.disabled = at === rows.length - 1;
      rows.forEach(function (r, k) { r.classList.toggle("on", k === at); });
      bars.forEach(function (g) {
        g.classList.toggle("on", g.row === at);
        g.classList.toggle("dim", at >= 0 && g.row > at);
      });
      mark.hidden = at < 0;
      if (at < 0) {
        words.textContent = "Step through: " + rows.length + " steps.";
        range.setAttribute("aria-valuetext", "before the first call");
        return;
      }
      var c = rows[at].cells;
      words.textContent = "";
      words.append((at + 1) + " of " + rows.length + ". ", c[2].textContent + " ", make("b", { textContent: c[1].textContent }));
      var call = /^\w+/.exec(c[1].textContent); // none in “printed text”
      if (call) words.append(" ", make("a", { href: "https://man7.org/linux/man-pages/man2/" + call + ".2.html", textContent: call + "(2)" }));
      range.setAttribute("aria-valuetext", words.textContent);
      var from = rows[at].dataset, line = from.line, other = from.in, id = other && other.split("#")[1];
      if (other) words.append(" in ", make("a", { href: other, textContent: id }));
      var code = other ? document.getElementById(id) : cell; // null on another page
      mark.hidden = !line || !code;
      if (!mark.hidden) {
        var pre = $(".cell-code pre", code);
        pre.append(mark);
        var style = getComputedStyle(pre), height = parseFloat(style.lineHeight);
        mark.style.top = parseFloat(style.paddingTop) + line * height + "px";
        mark.style.height = height + "px";
        mark.style.width = (pre.scrollWidth || 900) + "px";
      }
      var bar = $(".ev.on", tl);
      if (!bar) return;
      var b = bar.getBoundingClientRect(), v = box.getBoundingClientRect(), low = panel.getBoundingClientRect().top, edge = 90;
      if (b.left < v.left + edge || b.right > v.right) box.scrollLeft += b.left - v.left - edge - 20;
      if (b.bottom > low) scrollBy(0, b.bottom - low + 30);
      else if (b.top < 20) scrollBy(0, b.top - 60);
    }

    first.addEventListener("click", function () { show(-1); });
    back.addEventListener("click", function () { show(at - 1); });
    next.addEventListener("click", function () { show(at + 1); });
    range.addEventListener("input", function () { show(Number(range.value) - 1); });
    bars.forEach(function (g) {
      g.addEventListener("click", function () { show(g.row); });
    });
    tl.addEventListener("keydown", function (e) {
      if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest(".data")) return;
      if (e.key === "j") show(at + 1); else if (e.key === "k") show(at - 1); else return;
      e.preventDefault();
    });
    show(-1);
  });
})();
