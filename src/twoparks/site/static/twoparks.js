/* Small comforts; every page works without them. */
(function () {
  "use strict";

  // After a refused form the summary is where reading goes on.
  function toErrors(root) {
    var errors = root.querySelector(".errors");
    if (errors) { errors.focus(); }
  }

  // Queues: j and k (or arrows within the table) move, Enter opens. Never while typing.
  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-queue] a[data-open]")); }

  document.addEventListener("keydown", function (event) {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var step = { j: 1, k: -1 }[event.key];
    var all = rows();
    if (!step || !all.length) { return; }
    var at = all.indexOf(document.activeElement);
    all[Math.min(Math.max(at + step, 0), all.length - 1)].focus();
    event.preventDefault();
  });

  // A form that saves as you type shows its Save button only where saving failed.
  document.addEventListener("htmx:responseError", function (event) {
    var note = document.querySelector("[data-saved]");
    if (note && event.target.closest("form")) { note.textContent = note.getAttribute("data-failed"); }
  });
  document.addEventListener("htmx:sendError", function () {
    var note = document.querySelector("[data-saved]");
    if (note) { note.textContent = note.getAttribute("data-failed"); }
  });

  // Signing out leaves no pass page behind on this phone.
  document.addEventListener("submit", function (event) {
    if (window.caches && /\/logout\/$/.test(event.target.action)) { caches.delete("twoparks-pass-1"); }
  });

  document.addEventListener("DOMContentLoaded", function () { toErrors(document); });
})();
