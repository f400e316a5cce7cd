// Search over the sections. Every word asked must begin a word of the section;
// hits in titles weigh most, then names of cells and calls, then the text.
(function () {
  "use strict";
  var w = window.workbook, make = w.make;

  var most = 12; // that are listed

  function words(s) { return s.toLowerCase().match(/[\p{L}\p{N}_]+/gu) || []; }

  var sections = window.workbookSections.map(function (s) {
    return { of: s, title: words(s.t), page: words(s.p), cells: words(s.c || ""), text: words(s.x) };
  });

  function weigh(list, word) {
    var exact = 0, starts = 0;
    list.forEach(function (v) { if (v === word) exact++; else if (v.startsWith(word)) starts++; });
    return exact + starts / 2;
  }

  function find(query) {
    var asked = words(query);
    if (!asked.length) return [];
    var hits = [];
    sections.forEach(function (s) {
      var score = 0;
      for (var i = 0; i < asked.length; i++) {
        var t = weigh(s.title, asked[i]), p = weigh(s.page, asked[i]), c = weigh(s.cells, asked[i]), x = weigh(s.text, asked[i]);
        if (!t && !p && !c && !x) return;
        score += 12 * Math.min(t, 2) + 5 * Math.min(p, 1) + 4 * Math.min(c, 3) + Math.min(x, 12) * 8 / (8 + Math.sqrt(s.text.length));
      }
      hits.push({ of: s.of, score: score });
    });
    hits.sort(function (a, b) { return b.score - a.score || a.of.u.localeCompare(b.of.u); });
    return hits;
  }

  // The text around the first hit, with the words asked marked.
  function excerpt(text, query) {
    var asked = words(query), lower = text.toLowerCase(), at = -1;
    asked.forEach(function (a) { var i = lower.indexOf(a); if (i >= 0 && (at < 0 || i < at)) at = i; });
    var from = Math.max(0, at - 50);
    if (from > 0) from = text.indexOf(" ", from) + 1;
    var piece = (from > 0 ? "… " : "") + text.slice(from, from + 150) + (from + 150 < text.length ? " …" : "");
    var out = make("small", {});
    if (!asked.length) { out.append(piece); return out; }
    var parts = piece.split(new RegExp("(" + asked.join("|") + ")", "iu"));
    parts.forEach(function (p, i) { out.append(i % 2 ? make("mark", { textContent: p }) : p); });
    return out;
  }

  var input = make("input", { type: "search", "aria-label": "Search the book", autocomplete: "off", spellcheck: false, placeholder: "a word, a system call, an error" });
  var list = make("ol", { className: "hits" });
  var note = make("p", { className: "ran", role: "status" });
  var box = w.dialog("Search", [input, note, list]);

  function update() {
    var q = input.value, hits = find(q);
    list.textContent = "";
    note.textContent = words(q).length ? (hits.length ? hits.length + (hits.length === 1 ? " section" : " sections") + (hits.length > most ? ", the best " + most : "") : "Nothing found for “" + q + "”") : "";
    hits.slice(0, most).forEach(function (h) {
      var a = make("a", { href: h.of.u }, [make("b", { textContent: h.of.t }), h.of.t === h.of.p ? "" : " · " + h.of.p, excerpt(h.of.x, q)]);
      a.addEventListener("click", function () { box.close(); });
      list.append(make("li", {}, [a]));
    });
  }
  input.addEventListener("input", update);
  box.addEventListener("keydown", function (e) {
    var links = w.$$(".hits a", box), i = links.indexOf(document.activeElement);
    if (e.key === "ArrowDown" && links.length) links[Math.min(i + 1, links.length - 1)].focus();
    else if (e.key === "ArrowUp" && i >= 0) (i === 0 ? input : links[i - 1]).focus();
    else if (e.key === "Enter" && document.activeElement === input && links.length) links[0].click();
    else if (e.key === "Escape") box.close(); // a search field would only clear itself
    else return;
    e.preventDefault();
  });

  window.workbookSearch = {
    find: find,
    open: function () { box.showModal(); input.select(); update(); }
  };
})();
