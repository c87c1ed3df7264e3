// Asks for one step after another and moves the bar; without script a button does the same.
const form = document.querySelector("[data-steps]");
if (form) {
  const bar = form.querySelector("progress");
  const go = async () => {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { done, total, moving } = await answer.json();
    bar.max = total;
    bar.value = done;
    if (moving) await go();
    else location.reload();
  };
  go();
}
