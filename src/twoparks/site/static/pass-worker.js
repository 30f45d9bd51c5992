/* Keeps the last pass page and what it needs, so that it opens without a network. Newest first: the cache only answers when nothing else does. */
"use strict";
var KEPT = "twoparks-pass-1";
self.addEventListener("install", function () { self.skipWaiting(); });
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("fetch", function (event) {
  var asked = event.request, path = new URL(asked.url).pathname;
  if (asked.method !== "GET" || !(path === "/my-pass/" || path.indexOf("/static/") === 0)) { return; }
  event.respondWith(fetch(asked).then(function (answer) {
    if (answer.ok && !answer.redirected) {
      var copy = answer.clone();
      event.waitUntil(caches.open(KEPT).then(function (cache) { return cache.put(asked, copy); }));
    }
    if (answer.redirected) { event.waitUntil(caches.delete(KEPT)); }  // signed out: nothing stays behind
    return answer;
  }).catch(function () { return caches.match(asked); }));
});
