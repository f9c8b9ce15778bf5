// Keeps the verification page and its program on the telephone: it works without a network.
const KEPT = "gongzhi-log-1";
const PAGE = "/log/verify";
const FOUND = { ignoreSearch: true, ignoreVary: true };

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  // The page says what it is made of: the addresses of its styles and programs.
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    await cache.addAll([PAGE, ...event.data.files]);
    event.source.postMessage("kept");
  })());
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.pathname === PAGE || url.pathname.startsWith("/static/");
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !ours) return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    try {
      const fresh = await fetch(event.request);
      if (fresh.ok && (await cache.match(event.request, FOUND))) await cache.put(event.request, fresh.clone());
      return fresh;
    } catch {
      return (await cache.match(event.request, FOUND)) || Response.error();
    }
  })());
});
