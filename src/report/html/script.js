(function () {
  "use strict";
  var all = function (query, root) { return Array.prototype.slice.call((root || document).querySelectorAll(query)); };
  // A link into something folded opens it.
  var reveal = function () {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) { return; }
    for (var node = target; node; node = node.parentElement) { if (node.tagName === "DETAILS") { node.open = true; } }
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();
  // On paper everything is open but the exchanges.
  window.addEventListener("beforeprint", function () {
    all("details.print-open").forEach(function (node) { node.open = true; });
  });
  all("[data-expand]").forEach(function (tools) {
    tools.hidden = false;
    all("button", tools).forEach(function (button) {
      button.addEventListener("click", function () {
        all("details", tools.parentElement).forEach(function (node) { node.open = button.dataset.open === "true"; });
      });
    });
  });
  all("[data-filter]").forEach(function (tools) {
    tools.hidden = false;
    all("button", tools).forEach(function (button) {
      button.addEventListener("click", function () {
        var show = button.dataset.show;
        all("button", tools).forEach(function (other) { other.setAttribute("aria-pressed", String(other === button)); });
        all("tr[data-judged]").forEach(function (row) {
          row.hidden = show !== "all" && (row.dataset.judged === "true") !== (show === "judged");
        });
        all("details.area").forEach(function (area) { area.open = show !== "all"; });
      });
    });
  });
})();
