// The search of a page of reasons: those without the text are hidden. Without a script nobody sees it.
(() => {
  "use strict";
  const search = document.getElementById("search"), found = document.getElementById("found");
  if (!search) return;
  const words = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();
  const rows = [...document.querySelectorAll(".row")].map((row) => ({
    row, fold: row.querySelector("details"), first: words(row.querySelector("h2").textContent),
    others: [...row.querySelectorAll(".names li")].map((name) => words(name.textContent)),
  }));
  const look = () => {
    const wanted = words(search.value);
    let hits = 0;
    for (const { row, fold, first, others } of rows) {
      const isFolded = others.some((name) => name.includes(wanted)), isHit = isFolded || first.includes(wanted);
      row.hidden = !isHit;
      hits += isHit ? 1 : 0;
      // Or nobody would see why it is shown.
      if (wanted && isFolded) fold.open = true;
    }
    found.textContent = !wanted ? "" : hits ? hits + " found" : "No reason has this text.";
  };
  document.getElementById("tools").hidden = false;
  search.addEventListener("input", look);
  addEventListener("keydown", (event) => {
    if (event.target === search) {
      if (event.key === "Escape") {
        search.value = "";
        look();
      }
    } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
    }
  });
})();
