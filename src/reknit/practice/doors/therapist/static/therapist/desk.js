// Three small comforts. Every page works without them.

// Copy a link with one tap; otherwise the field can be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.querySelector(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.parentElement.querySelector("[data-copy-said]").textContent = button.dataset.copied;
  });
}

// A form that was tapped twice is sent once.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A draft that could not be read says so, instead of showing the reading of an earlier one.
for (const trouble of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(trouble, (event) => {
    const place = event.detail.target;
    if (place?.dataset.failed) place.textContent = place.dataset.failed;
    const said = document.querySelector("#reading-said");
    if (said) said.textContent = place?.dataset.failed || "";
  });
}
