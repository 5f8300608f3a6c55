// What helps where there is script; every page works without it.
"use strict";

// A button beside whatever is to be copied: <… data-copy> copies its own text. Without TLS no browser lets a page copy.
for (const source of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy " + (source.dataset.copy || "this"));
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  source.insertAdjacentElement("afterend", button);
}

// A form that cannot be undone asks first: <form data-confirm="Really?">.
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

// A choice that is also a way: <select data-go> sends its form at once; without script there is a button.
for (const choice of document.querySelectorAll("[data-go]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}
