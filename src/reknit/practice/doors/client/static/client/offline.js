// A check-in typed where there is no network is kept on this phone and sent later. Without this script, or where
// the browser keeps nothing, the form is sent as any form is.

(async () => {
  const form = document.querySelector("form.check-in");
  const note = document.querySelector("[data-waiting]");
  if (!form || !note || !("serviceWorker" in navigator) || !("indexedDB" in window)) return;
  const here = window.location.pathname;

  const show = (waits) => {
    note.hidden = !waits;
    form.hidden = waits;
    if (waits) note.focus();
  };

  const hand = (one) => { // let the server ask its question on a page of its own, with all that was typed
    const again = document.createElement("form");
    again.method = "post";
    again.action = one.path;
    for (const [name, value] of one.fields) {
      const field = document.createElement("input");
      [field.type, field.name, field.value] = ["hidden", name, value];
      again.append(field);
    }
    document.body.append(again);
    again.submit();
  };

  const sendAll = async () => {
    for (const one of await reknitWaiting.all()) {
      const { state, at } = await reknitWaiting.send(one);
      if (one.path !== here) continue;
      if (state === "sent") window.location.replace(at);
      if (state === "asked") {
        await reknitWaiting.forget(here);
        hand(one);
      }
    }
    show((await reknitWaiting.all()).some((one) => one.path === here));
  };
  let turn = Promise.resolve();
  const flush = () => (turn = turn.then(sendAll, sendAll)); // in turn: what was kept during one is sent by the next

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name) return;
    event.preventDefault();
    const fields = [...new FormData(form)].filter(([, value]) => value !== "");
    try {
      await reknitWaiting.keep({ path: here, fields });
    } catch {
      form.submit();
      return;
    }
    form.setAttribute("aria-busy", "true");
    await flush();
    form.removeAttribute("aria-busy");
    const ready = await navigator.serviceWorker.ready;
    await ready.sync?.register("check-ins").catch(() => {});
  });
  note.querySelector("[data-send]").addEventListener("click", flush);
  note.querySelector("[data-delete]").addEventListener("click", async () => {
    await reknitWaiting.forget(here);
    show(false);
  });
  window.addEventListener("online", flush);
  window.setInterval(async () => { if (!note.hidden) await flush(); }, 15000);

  await flush().catch(() => {});
  try {
    await navigator.serviceWorker.register(form.dataset.worker);
    if (navigator.onLine) await (await caches.open(KEPT_PAGES)).add(here);
  } catch {
    // kept nowhere: the form still sends
  }
})();
