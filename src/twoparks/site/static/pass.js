/* The pass on the phone: a key that never leaves it, a code that moves every 30 seconds, and the QR code of that. No network. */
(function () {
  "use strict";

  var STEP_S = 30;
  var ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  var BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

  // --- CBOR of the two things a phone says: text, bytes, small numbers, lists --------------------------------------

  function head(major, n) {
    if (n < 24) { return [major << 5 | n]; }
    if (n < 256) { return [major << 5 | 24, n]; }
    if (n < 65536) { return [major << 5 | 25, n >> 8, n & 255]; }
    return [major << 5 | 26, n >>> 24, n >>> 16 & 255, n >>> 8 & 255, n & 255];
  }
  function cbor(item) {
    if (typeof item === "number") { return head(0, item); }
    if (typeof item === "string") { var text = new TextEncoder().encode(item); return head(3, text.length).concat(Array.from(text)); }
    if (item instanceof Uint8Array) { return head(2, item.length).concat(Array.from(item)); }
    return item.reduce(function (all, one) { return all.concat(cbor(one)); }, head(4, item.length));
  }
  function base45(bytes) {
    var out = "";
    for (var i = 0; i < bytes.length; i += 2) {
      var last = i + 1 === bytes.length;
      var n = last ? bytes[i] : bytes[i] * 256 + bytes[i + 1];
      out += BASE45[n % 45] + BASE45[Math.floor(n / 45) % 45] + (last ? "" : BASE45[Math.floor(n / 2025)]);
    }
    return out;
  }
  function lowS(signature) {
    var s = BigInt("0x" + Array.from(signature.slice(32), function (b) { return b.toString(16).padStart(2, "0"); }).join(""));
    if (s <= ORDER / 2n) { return signature; }
    var hex = (ORDER - s).toString(16).padStart(64, "0"), out = new Uint8Array(signature);
    for (var i = 0; i < 32; i++) { out[32 + i] = parseInt(hex.substr(2 * i, 2), 16); }
    return out;
  }

  // --- the key ---------------------------------------------------------------------------------------------------

  function store(mode, act) {
    return new Promise(function (done, failed) {
      var open = indexedDB.open("twoparks-pass", 1);
      open.onupgradeneeded = function () { open.result.createObjectStore("keys"); };
      open.onerror = function () { failed(open.error); };
      open.onsuccess = function () {
        var asked = act(open.result.transaction("keys", mode).objectStore("keys"));
        asked.onsuccess = function () { done(asked.result); };
        asked.onerror = function () { failed(asked.error); };
      };
    });
  }
  function held(person) { return store("readonly", function (keys) { return keys.get(person); }); }
  async function make(person) {
    var pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    var raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    var point = new Uint8Array(33);
    point[0] = 2 + (raw[64] & 1);
    point.set(raw.slice(1, 33), 1);
    var made = { key: pair.privateKey, point: point };
    await store("readwrite", function (keys) { return keys.put(made, person); });
    return made;
  }
  async function prove(mine, permit, group, step) {
    var said = new Uint8Array(cbor(["twoparks-holder-v1", permit, group, step]));
    var signed = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, mine.key, said));
    return "TH1:" + base45(cbor([mine.point, step, lowS(signed)]));
  }
  function base64url(bytes) {
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // --- a QR code of version 7, level M, alphanumeric: the moving code has one size ---------------------------------

  var SIZE = 45, DATA = 124, BLOCKS = 4, EACH = 31, CHECK = 18;
  var EXP = [], LOG = [];
  (function () {
    for (var i = 0, x = 1; i < 255; i++) { EXP[i] = x; LOG[x] = i; x = x << 1; if (x > 255) { x ^= 0x11d; } }
    for (var j = 255; j < 512; j++) { EXP[j] = EXP[j - 255]; }
  })();
  function times(a, b) { return a && b ? EXP[LOG[a] + LOG[b]] : 0; }
  function checkWords(block) {
    var poly = [1];
    for (var i = 0; i < CHECK; i++) {
      var next = new Array(poly.length + 1).fill(0);
      poly.forEach(function (c, at) { next[at] ^= c; next[at + 1] ^= times(c, EXP[i]); });
      poly = next;
    }
    var rest = block.concat(new Array(CHECK).fill(0));
    for (var k = 0; k < block.length; k++) {
      var lead = rest[k];
      if (lead) { poly.forEach(function (c, at) { rest[k + at] ^= times(c, lead); }); }
    }
    return rest.slice(block.length);
  }
  function words(text) {
    var bits = [], put = function (n, width) { for (var i = width - 1; i >= 0; i--) { bits.push(n >> i & 1); } };
    put(2, 4); put(text.length, 9);
    for (var i = 0; i < text.length; i += 2) {
      var one = BASE45.indexOf(text[i]);
      if (i + 1 < text.length) { put(one * 45 + BASE45.indexOf(text[i + 1]), 11); } else { put(one, 6); }
    }
    put(0, Math.min(4, DATA * 8 - bits.length));
    while (bits.length % 8) { bits.push(0); }
    var found = [];
    for (var b = 0; b < bits.length; b += 8) { found.push(parseInt(bits.slice(b, b + 8).join(""), 2)); }
    for (var pad = 0; found.length < DATA; pad ^= 1) { found.push(pad ? 0x11 : 0xec); }
    var blocks = [], mixed = [];
    for (var n = 0; n < BLOCKS; n++) { blocks.push(found.slice(n * EACH, (n + 1) * EACH)); }
    var checks = blocks.map(checkWords);
    for (var c = 0; c < EACH; c++) { blocks.forEach(function (block) { mixed.push(block[c]); }); }
    for (var d = 0; d < CHECK; d++) { checks.forEach(function (check) { mixed.push(check[d]); }); }
    return mixed;
  }
  function frame() {
    var grid = [], fixed = [];
    for (var r = 0; r < SIZE; r++) { grid.push(new Array(SIZE).fill(0)); fixed.push(new Array(SIZE).fill(false)); }
    function set(row, col, dark) {
      if (row >= 0 && col >= 0 && row < SIZE && col < SIZE) { grid[row][col] = dark ? 1 : 0; fixed[row][col] = true; }
    }
    [[3, 3], [3, SIZE - 4], [SIZE - 4, 3]].forEach(function (at) {
      for (var y = -4; y <= 4; y++) { for (var x = -4; x <= 4; x++) {
        var far = Math.max(Math.abs(x), Math.abs(y)); set(at[0] + y, at[1] + x, far !== 2 && far !== 4);
      } }
    });
    [6, 22, 38].forEach(function (row) { [6, 22, 38].forEach(function (col) {
      if (fixed[row][col]) { return; }
      for (var y = -2; y <= 2; y++) { for (var x = -2; x <= 2; x++) { set(row + y, col + x, Math.max(Math.abs(x), Math.abs(y)) !== 1); } }
    }); });
    for (var i = 8; i < SIZE - 8; i++) { set(6, i, i % 2 === 0); set(i, 6, i % 2 === 0); }
    var format = 0x5412, version = 0x07c94;  // level M with mask 0; version 7
    for (var f = 0; f < 15; f++) {
      var bit = format >> f & 1;
      if (f < 6) { set(f, 8, bit); } else if (f < 8) { set(f + 1, 8, bit); } else if (f === 8) { set(8, 7, bit); } else { set(8, 14 - f, bit); }
      if (f < 8) { set(8, SIZE - 1 - f, bit); } else { set(SIZE - 15 + f, 8, bit); }
    }
    set(SIZE - 8, 8, 1);
    for (var v = 0; v < 18; v++) {
      var on = version >> v & 1;
      set(SIZE - 11 + v % 3, Math.floor(v / 3), on); set(Math.floor(v / 3), SIZE - 11 + v % 3, on);
    }
    return { grid: grid, fixed: fixed };
  }
  function matrix(text) {
    var made = frame(), mixed = words(text), at = 0;
    for (var right = SIZE - 1; right > 0; right -= 2) {
      if (right === 6) { right = 5; }
      for (var n = 0; n < SIZE; n++) {
        for (var side = 0; side < 2; side++) {
          var col = right - side, up = (right + 1 & 2) === 0, row = up ? SIZE - 1 - n : n;
          if (made.fixed[row][col]) { continue; }
          var bit = at < mixed.length * 8 ? mixed[at >> 3] >> 7 - (at & 7) & 1 : 0;
          made.grid[row][col] = bit ^ ((row + col) % 2 === 0 ? 1 : 0);
          at++;
        }
      }
    }
    return made.grid;
  }
  function draw(svg, text) {
    var path = "";
    matrix(text).forEach(function (row, y) { row.forEach(function (dark, x) { if (dark) { path += "M" + (x + 4) + " " + (y + 4) + "h1v1h-1z"; } }); });
    svg.querySelector("path").setAttribute("d", path);
  }

  // --- the page ----------------------------------------------------------------------------------------------------

  async function show(pass, mine) {
    var choose = pass.querySelector("[data-gate]"), svg = pass.querySelector("[data-moving]");
    var left = pass.querySelector("[data-left]"), text = pass.querySelector("[data-text]"), last = "";
    async function turn() {
      var seconds = Math.floor(Date.now() / 1000), step = Math.floor(seconds / STEP_S);
      left.textContent = String(STEP_S - seconds % STEP_S);
      if (last === step + ":" + choose.value) { return; }
      last = step + ":" + choose.value;
      var proof = await prove(mine, pass.dataset.permit, Number(choose.value), step);
      draw(svg, proof);
      text.textContent = proof;
    }
    choose.addEventListener("change", function () { localStorage.setItem("gate", choose.value); turn(); });
    if (choose.querySelector('option[value="' + localStorage.getItem("gate") + '"]')) { choose.value = localStorage.getItem("gate"); }
    pass.querySelector("[data-live]").hidden = false;
    await turn();
    setInterval(turn, 500);
  }
  function keepForLater(worker) {
    if (!("serviceWorker" in navigator)) { return; }
    navigator.serviceWorker.register(worker).catch(function () {});
    navigator.serviceWorker.ready.then(function (ready) {
      var used = performance.getEntriesByType("resource").map(function (one) { return one.name; });
      ready.active.postMessage(used.concat(location.origin + location.pathname));
    });
  }
  async function begin() {
    var box = document.querySelector("[data-phone]");
    if (!box) { return; }
    var person = box.dataset.phone, form = box.querySelector("form");
    if (!window.isSecureContext || !window.crypto || !crypto.subtle || !window.indexedDB) {
      box.querySelector("[data-insecure]").hidden = false;
      return;
    }
    var mine = await held(person), here;
    if (form) {
      form.hidden = false;
      form.addEventListener("submit", async function (event) {
        if (form.elements.point.value) { return; }
        event.preventDefault();
        form.elements.point.value = base64url((await make(person)).point);
        form.requestSubmit();
      });
    }
    if (mine) {
      var digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(
        Array.from(new TextEncoder().encode("twoparks-holder-v1\n")).concat(Array.from(mine.point)))));
      here = base64url(digest.slice(0, 16));
      var same = here === box.dataset.holder, said = box.querySelector("[data-here]");
      if (said) { said.hidden = !same; }
      if (form) { form.hidden = same; }
      document.querySelectorAll("[data-permit]").forEach(function (pass) {
        if (pass.dataset.holder === here) { show(pass, mine); } else { pass.querySelector("[data-other]").hidden = false; }
      });
      keepForLater(box.dataset.worker);
    } else {
      document.querySelectorAll("[data-permit] [data-other]").forEach(function (note) { note.hidden = false; });
    }
  }
  window.twoparksPass = { matrix: matrix, prove: prove, held: held };
  document.addEventListener("DOMContentLoaded", function () { begin(); });
})();
