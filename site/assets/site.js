// What every page does beyond being read, where it is complete without.
(function () {
  "use strict";
  var doc = document, root = doc.documentElement;
  var me = doc.currentScript;
  var $ = function (sel, from) { return (from || doc).querySelector(sel); };
  var $$ = function (sel, from) { return Array.from((from || doc).querySelectorAll(sel)); };

  function make(tag, props, children) {
    var el = doc.createElement(tag);
    for (var k in props) {
      if (k in el) el[k] = props[k]; else el.setAttribute(k, props[k]);
    }
    (children || []).forEach(function (c) { el.append(c); });
    return el;
  }

  // Storage may be refused; then a choice lasts as long as the page.
  var store = {
    get: function (k) { try { return localStorage.getItem(k); } catch (e) { return null; } },
    set: function (k, v) { try { localStorage.setItem(k, v); } catch (e) { /* kept for this page only */ } }
  };

  function say(text) {
    var status = $("#status");
    status.textContent = "";
    setTimeout(function () { status.textContent = text; }, 50);
  }

  // What nobody waits for runs when the page stands.
  function later(f) {
    if (window.requestIdleCallback) requestIdleCallback(f, { timeout: 1500 }); else setTimeout(f, 100);
  }

  // Theme
  var themes = $$(".themes button");
  function showTheme() {
    var now = root.getAttribute("data-theme") || "auto";
    themes.forEach(function (b) { b.setAttribute("aria-pressed", b.dataset.theme === now); });
  }
  themes.forEach(function (b) {
    b.addEventListener("click", function () {
      if (b.dataset.theme === "auto") root.removeAttribute("data-theme");
      else root.setAttribute("data-theme", b.dataset.theme);
      store.set("theme", b.dataset.theme);
      showTheme();
    });
  });
  showTheme();

  // Copying: the code as it was written, without the marks of the callouts.
  function source(pre) {
    var copy = pre.cloneNode(true);
    $$(".co, .prompt, .line-mark", copy).forEach(function (m) { m.remove(); });
    return copy.textContent.replace(/[ \t]+$/gm, "");
  }
  function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    return new Promise(function (done, fail) { // file:// and plain http
      var area = make("textarea", { value: text, className: "sr" });
      doc.body.append(area);
      area.select();
      var ok = doc.execCommand("copy");
      area.remove();
      if (ok) done(); else fail();
    });
  }
  var heads = [];
  $$(".cell, .listing.l-console, .run").forEach(function (box) {
    var pre = $("pre", box);
    var name = box.id || "the code";
    var button = make("button", { type: "button", className: "copy", textContent: "Copy", "aria-label": "Copy " + name });
    button.addEventListener("click", function () {
      copyText(source(pre)).then(function () {
        button.textContent = "Copied";
        say(name + " copied");
        setTimeout(function () { button.textContent = "Copy"; }, 1600);
      }, function () { say("The browser refused to copy"); });
    });
    heads.push([$("figcaption, .label", box) || box, button]);
  });
  later(function some() { // a few at a time: each moves what follows
    heads.splice(0, 8).forEach(function (h) { h[0].append(h[1]); });
    if (heads.length) later(some);
  });

  // What does not scroll is no stop for the Tab key. To know it takes a layout
  // of the whole page, so it waits for the key.
  var boxes = $$("main [tabindex='0']");
  function stops() {
    var scrolls = boxes.map(function (b) { return b.scrollWidth > b.clientWidth; });
    boxes.forEach(function (b, i) { b.tabIndex = scrolls[i] ? 0 : -1; });
  }
  doc.addEventListener("keydown", function first(e) {
    if (e.key !== "Tab") return;
    doc.removeEventListener("keydown", first, true);
    stops();
    addEventListener("resize", stops);
    doc.addEventListener("toggle", stops, true);
  }, true);

  // Contents: mark the section that is being read.
  var links = $$(".side .sections a");
  if (links.length && "IntersectionObserver" in window) {
    var marks = links.map(function (a) { return doc.getElementById(decodeURIComponent(a.hash.slice(1))); });
    var mark = function () {
      var now = -1;
      marks.forEach(function (h, i) { if (h && h.getBoundingClientRect().top < 160) now = i; });
      links.forEach(function (a, i) {
        if (i === now) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
      });
    };
    var queued = false;
    addEventListener("scroll", function () {
      if (!queued) { queued = true; requestAnimationFrame(function () { queued = false; mark(); }); }
    }, { passive: true });
    later(mark);
  }

  $$(".menu a").forEach(function (a) {
    a.addEventListener("click", function () { $(".menu").open = false; });
  });

  // A link into something folded opens it.
  function reveal() {
    var target = location.hash && doc.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var el = target; el; el = el.parentElement) if (el.tagName === "DETAILS") el.open = true;
    if (target) target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // Printing opens what is folded, and folds it again.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = $$("main details:not([open])");
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });

  // Dialogs
  function dialog(title, body) {
    var close = make("button", { type: "button", className: "close", textContent: "Close" });
    var head = make("h2", { textContent: title, id: "dialog-" + title.toLowerCase().replace(/\W+/g, "-") });
    var d = make("dialog", { "aria-labelledby": head.id }, [close, head].concat(body));
    close.addEventListener("click", function () { d.close(); });
    d.addEventListener("click", function (e) { if (e.target === d) d.close(); });
    doc.body.append(d);
    return d;
  }

  var help;
  function openHelp() {
    if (!help) {
      var list = make("dl", { className: "keys" });
      [["/", "search"], ["←  →", "previous and next page"], ["?", "this list"],
        ["n  p", "next and previous cell"], ["t", "theme: auto, light, dark"], ["j  k", "step through a timeline that has the focus"]
      ].forEach(function (row) {
        list.append(make("dt", {}, [make("kbd", { textContent: row[0] })]), make("dd", { textContent: row[1] }));
      });
      var box = make("input", { type: "checkbox", checked: keysOn() });
      box.addEventListener("change", function () { store.set("keys", box.checked ? "on" : "off"); });
      help = dialog("Keyboard", [list, make("label", {}, [box, "Single-key shortcuts"])]);
    }
    help.showModal();
  }

  var loading;
  function openSearch() {
    if (window.workbookSearch) return window.workbookSearch.open();
    if (loading) return;
    loading = true;
    var left = 2;
    [me.dataset.index, me.dataset.search].forEach(function (src) {
      var s = make("script", { src: src, async: false }); // in order: the words, then what reads them
      s.addEventListener("load", function () { if (--left === 0) window.workbookSearch.open(); });
      s.addEventListener("error", function () { loading = false; say("The search could not be loaded"); });
      doc.head.append(s);
    });
  }
  window.workbook = { make: make, dialog: dialog, say: say, $: $, $$: $$ };
  $$(".search-open").forEach(function (b) { b.addEventListener("click", openSearch); });
  $$(".help-open").forEach(function (b) { b.addEventListener("click", openHelp); });

  // Single keys, unless switched off (WCAG 2.1.4), typed into a field, or
  // meant for what has the focus and scrolls.
  var keys = true;
  function keysOn() { return (store.get("keys") || (keys ? "on" : "off")) !== "off"; }
  function turn(rel) { var a = $(".turn a[rel=" + rel + "]"); if (a) location.href = a.href; }
  function toCell(step) {
    var cells = $$("main .cell[id]");
    var at = cells.filter(function (c) { return c.getBoundingClientRect().top < 24; }).length - 1;
    var cell = cells[Math.max(0, at + step)];
    if (!cell) return;
    cell.scrollIntoView();
    $("figcaption a", cell).focus({ preventScroll: true });
  }
  doc.addEventListener("keydown", function (e) {
    if (!keysOn() || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    var in_ = e.target;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(in_.tagName) || in_.isContentEditable || $("dialog[open]")) return;
    var scrolls = in_.scrollWidth > in_.clientWidth && in_ !== doc.body && in_.tabIndex >= 0;
    switch (e.key) {
      case "/": openSearch(); break;
      case "?": openHelp(); break;
      case "n": toCell(1); break;
      case "p": toCell(-1); break;
      case "t":
        var i = themes.findIndex(function (b) { return b.getAttribute("aria-pressed") === "true"; });
        var b = themes[(i + 1) % themes.length];
        b.click();
        say("Theme: " + b.textContent);
        break;
      case "ArrowLeft": if (scrolls) return; turn("prev"); break;
      case "ArrowRight": if (scrolls) return; turn("next"); break;
      default: return;
    }
    e.preventDefault();
  });
})();
