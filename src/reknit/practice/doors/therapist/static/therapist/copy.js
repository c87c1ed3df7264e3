// Copy a link with one tap. Without this script the field can still be selected by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.querySelector(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.parentElement.querySelector("[data-copy-said]").textContent = button.dataset.copied;
  });
}
