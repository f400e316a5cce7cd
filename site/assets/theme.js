// Runs before the first paint, so that a chosen theme never flashes.
(function () {
  var theme = "auto";
  try { theme = localStorage.getItem("theme") || "auto"; } catch (e) { /* storage refused: follow the system */ }
  var root = document.documentElement;
  if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
  root.classList.add("js"); // shows the tools, before the first paint too
})();
