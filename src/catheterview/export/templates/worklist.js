"use strict";
(() => {
  const table = document.querySelector("#cases");
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => row.dataset.priority);
  const told = document.querySelector("#told");
  const form = document.querySelector("#filters");
  const number = (row, column) => Number(row.cells[column].dataset.sort);
  const text = (row, column) => row.cells[column].textContent.trim().toLowerCase();

  function show() {
    const words = form.words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const priority = form.priority.value;
    const unread = form.unread.checked;
    let shown = 0;
    for (const row of rows) {
      const all = row.textContent.toLowerCase();
      const fits = (!priority || row.dataset.priority === priority) && (!unread || row.dataset.reviews === "0")
        && words.every((word) => all.includes(word));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    told.textContent = shown === rows.length ? `All ${rows.length} cases are shown.`
      : `${shown} of ${rows.length} cases are shown. The others are hidden, not done.`;
  }

  function sort(button) {
    const head = button.closest("th");
    const column = head.cellIndex;
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const numeric = rows.length > 0 && rows[0].cells[column].dataset.sort !== undefined;
    const order = numeric ? (a, b) => number(a, column) - number(b, column)
      : (a, b) => text(a, column).localeCompare(text(b, column));
    rows.sort((a, b) => (up ? order(a, b) : order(b, a)) || number(a, 0) - number(b, 0));
    body.append(...rows);
    told.textContent = `Sorted by ${button.textContent.trim()}, ${up ? "ascending" : "descending"}.`;
  }

  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(button));
    head.replaceChildren(button);
  }
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
