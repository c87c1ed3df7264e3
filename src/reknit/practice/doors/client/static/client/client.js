// Two small helps. Without them every page works all the same.

// Leave: the neutral page takes this one's place, so that "back" does not return here.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-leave]");
  if (!link) return;
  event.preventDefault();
  document.documentElement.hidden = true;
  window.location.replace(link.href);
});

// A finger drawn along a line takes the bead with it.
for (const steps of document.querySelectorAll(".line__steps")) {
  steps.addEventListener("pointermove", (event) => {
    if (!event.buttons) return;
    const box = steps.getBoundingClientRect();
    const under = document.elementFromPoint(event.clientX, box.top + box.height / 2);
    const input = under && steps.contains(under) && under.closest(".line__step")?.querySelector("input");
    if (input) input.checked = true;
  });
}
