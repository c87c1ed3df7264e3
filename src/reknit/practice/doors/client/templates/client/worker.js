{% load static %}// What the client's pages need when there is no network: the form that was open, and its looks.
importScripts("{% static 'client/waiting.js' %}");

const LOOKS = "reknit-looks-{{ version }}";
const NEEDED = [{% for each in needed %}"{{ each }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(LOOKS).then((looks) => looks.addAll(NEEDED)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("reknit-looks-") && name !== LOOKS;
  const tidy = async () => Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const asked = event.request;
  if (asked.method !== "GET") return;
  const at = new URL(asked.url);
  if (at.origin !== self.location.origin) return;
  if (NEEDED.includes(at.pathname)) {
    event.respondWith(caches.match(asked).then((kept) => kept || fetch(asked)));
  } else if (asked.mode === "navigate") {
    const kept = async () => (await caches.open(KEPT_PAGES)).match(at.pathname);
    event.respondWith(fetch(asked).catch(async () => (await kept()) || Response.error()));
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag !== "check-ins") return;
  const sendAll = async () => {
    const open = await self.clients.matchAll({ type: "window" });
    if (open.length) return; // an open page sends by itself, and shows what came of it
    for (const one of await reknitWaiting.all()) {
      if ((await reknitWaiting.send(one)).state === "later") throw new Error("later");
    }
  };
  event.waitUntil(sendAll());
});
