/* Passkeys: a button with data-key starts the account library's form; what the browser could not do is said on the page. */
(function () {
  "use strict";
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-key]").forEach(function (button) {
      var said = button.dataset;
      window.allauth.webauthn.forms[said.key]({
        ids: {
          login: button.id, add: button.id, authenticate: button.id,
          credential: said.credential, passwordless: said.passwordless
        },
        data: JSON.parse(said.with || "{}")
      });
    });
  });
  document.addEventListener("allauth.error", function (event) {
    var note = document.querySelector("[data-key-failed]");
    if (!note) { return; }
    event.preventDefault();
    note.textContent = note.getAttribute("data-key-failed");
    note.hidden = false;
  });
})();
