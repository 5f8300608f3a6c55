// What helps on the help pages where there is script: one language of the examples at a time, and all that is folded in print.
"use strict";

const KEPT = "smoothbox_language";
const groups = [...document.querySelectorAll(".pieces")];

// Shows one language wherever it is written in; an example that does not have it shows its first.
function choose(language) {
  for (const group of groups) {
    const pieces = [...group.querySelectorAll(".piece")];
    const chosen = pieces.find((piece) => piece.dataset.language === language) || pieces[0];
    for (const piece of pieces) piece.hidden = piece !== chosen;
    for (const button of group.querySelectorAll(".languages button")) {
      button.setAttribute("aria-pressed", String(button.textContent === chosen.dataset.language));
    }
  }
}

// Where the browser keeps nothing, the choice lasts as long as the page.
function remembered() {
  try { return window.localStorage.getItem(KEPT); } catch { return null; }
}
function remember(language) {
  try { window.localStorage.setItem(KEPT, language); } catch { /* it lasts as long as the page */ }
}

for (const group of groups) {
  const bar = document.createElement("div");
  bar.className = "languages";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Language of the examples");
  for (const piece of group.querySelectorAll(".piece")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = piece.dataset.language;
    button.addEventListener("click", () => {
      const before = group.getBoundingClientRect().top;
      choose(button.textContent);
      window.scrollBy({ top: group.getBoundingClientRect().top - before, behavior: "instant" }); // others above may have grown
      remember(button.textContent);
    });
    bar.append(button);
  }
  group.classList.add("chosen");
  group.prepend(bar);
}
choose(remembered());
if (window.location.hash) document.getElementById(window.location.hash.slice(1))?.scrollIntoView();

window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
