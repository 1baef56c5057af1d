// The script of the page: shows the view that the address names, and searches.
const find = (selector) => [...document.querySelectorAll(selector)];
const search = document.getElementById("search");
const rows = find("tbody tr");

/** Shows the view of the address, `#apps%2Fweb`, or the overview. */
function showView() {
  const id = decodeURIComponent(location.hash.slice(1));
  const views = find("section");
  const shown = views.find((view) => view.id === id) ?? views[0];
  for (const view of views) view.hidden = view !== shown;
  for (const row of rows) {
    const isCurrent = row.querySelector("a").getAttribute("href") === `#${encodeURIComponent(shown.id)}`;
    row.classList.toggle("current", isCurrent);
    if (isCurrent) row.scrollIntoView({ block: "nearest" });
  }
  document.getElementById("place").textContent = shown.dataset.title === "" ? "" : `› ${shown.dataset.title}`;
  markMatches();
}

/** Hides the rows and dims the nodes that do not contain the text of the search. */
function markMatches() {
  const text = search.value.trim().toLowerCase();
  // The title of a group's link has the names of its members.
  const names = (element) =>
    element.textContent + (element.querySelector("a")?.getAttribute("xlink:title") ?? "");
  const matches = (element) => names(element).toLowerCase().includes(text);
  for (const row of rows) row.hidden = !matches(row);
  for (const node of find("section:not([hidden]) .node")) node.classList.toggle("dim", !matches(node));
}

search.addEventListener("input", markMatches);
document.addEventListener("keydown", ({ key, target }) => {
  const match = rows.find((row) => !row.hidden);
  if (key === "/" && target !== search) setTimeout(() => search.focus());
  if (key === "Enter" && target === search && match)
    location.hash = match.querySelector("a").getAttribute("href");
  if (key !== "Escape") return;
  if (search.value === "") location.hash = "#overview";
  search.value = "";
  markMatches();
});
addEventListener("hashchange", showView);
showView();
