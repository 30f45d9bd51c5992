/* The camera as a code reader, where the browser has one. The page works without: type the text or the address. */
(function () {
  "use strict";
  var form = document.getElementById("check");
  var start = form.querySelector("[data-camera]");
  var view = form.querySelector("[data-camera-view]");
  var failed = form.querySelector("[data-camera-failed]");
  var detector, stream;

  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) { return; }
  window.BarcodeDetector.getSupportedFormats().then(function (formats) {
    start.hidden = formats.indexOf("qr_code") < 0;
  });

  function stop() {
    if (stream) { stream.getTracks().forEach(function (track) { track.stop(); }); }
    stream = null;
    view.hidden = true;
  }

  function look() {
    if (!stream) { return; }
    detector.detect(view).then(function (codes) {
      if (codes.length) {
        form.elements.given.value = codes[0].rawValue;
        stop();
        form.requestSubmit();
      } else {
        window.setTimeout(look, 150);
      }
    }, function () { window.setTimeout(look, 400); });
  }

  start.addEventListener("click", function () {
    failed.hidden = true;
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (found) {
      detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      stream = found;
      view.srcObject = found;
      view.hidden = false;
      return view.play().then(look);
    }).catch(function () { stop(); failed.hidden = false; });
  });
})();
