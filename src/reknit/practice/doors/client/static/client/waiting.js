// Check-ins that wait on this phone until there is a network. Shared by the page and its service worker.

const KEPT_PAGES = "reknit-check-in";

const reknitWaiting = (() => {
  const open = () => new Promise((done, failed) => {
    const ask = indexedDB.open("reknit", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("waiting", { keyPath: "path" });
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => failed(ask.error);
  });

  const act = async (mode, what) => {
    const base = await open();
    return new Promise((done, failed) => {
      const step = base.transaction("waiting", mode);
      const ask = what(step.objectStore("waiting"));
      step.oncomplete = () => { base.close(); done(ask.result); };
      step.onerror = step.onabort = () => { base.close(); failed(step.error); };
    });
  };

  const all = () => act("readonly", (store) => store.getAll());
  const keep = (one) => act("readwrite", (store) => store.put(one));
  const forget = async (path) => {
    await act("readwrite", (store) => store.delete(path));
    await (await caches.open(KEPT_PAGES)).delete(path);
  };

  const PATIENCE = 30000; // ms; the check-in waits here meanwhile, and a second sending is known as the first

  // "sent", with the address that says so; "later", where nobody took it; "asked", where the server has a question.
  const send = async (one) => {
    let answer;
    try {
      const body = new URLSearchParams(one.fields);
      const signal = AbortSignal.timeout?.(PATIENCE);
      answer = await fetch(one.path, { method: "POST", body, signal, headers: { "X-Reknit-Waited": "1" } });
    } catch {
      return { state: "later" };
    }
    if (answer.status >= 500 || answer.status === 429) return { state: "later" };
    if (!answer.redirected || !answer.ok) return { state: "asked" };
    await forget(one.path);
    return { state: "sent", at: answer.url };
  };

  return { all, keep, forget, send };
})();
