/* Keeps the last pass page and what it needs, so that it opens without a network. Newest first: the cache only answers when nothing else does. */
"use strict";
var KEPT = "twoparks-pass-1", PAGE = "/my-pass/";
function keeps(path) { return path === PAGE || path.indexOf("/static/") === 0; }
function forget() { return caches.delete(KEPT); }
async function keep(asked, answer) {
  if (answer.redirected) { return forget(); }  // signed out: nothing stays behind
  if (answer.ok) { await (await caches.open(KEPT)).put(asked, answer); }
}
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("fetch", function (event) {
  var asked = event.request, path = new URL(asked.url).pathname;
  if (asked.method !== "GET" || !keeps(path)) { return; }
  event.respondWith(fetch(asked).then(function (answer) {
    event.waitUntil(keep(asked, answer.clone()));
    return answer;
  }, function () { return caches.match(asked, { ignoreVary: true }).then(function (kept) { return kept || Response.error(); }); }));
});
/* What the page loaded before this worker stood beside it: the first visit is enough to open it without a network. */
self.addEventListener("message", function (event) {
  event.waitUntil(Promise.all(event.data.filter(function (address) { return keeps(new URL(address).pathname); }).map(async function (address) {
    try { await keep(address, await fetch(address)); } catch (unreachable) { /* kept at the next visit */ }
  })));
});
