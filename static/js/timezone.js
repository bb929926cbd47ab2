// Joining: the browser knows its time zone, so nobody has to choose one who has not chosen yet.
(function () {
  'use strict';

  document.addEventListener('DOMContentLoaded', function () {
    var box = document.querySelector('[data-timezone]');
    var select = box && box.querySelector('select');
    if (!select) return;

    function show() {
      box.querySelector('[data-timezone-name]').textContent = select.value;
    }

    select.addEventListener('change', show);
    var zone = window.Intl && Intl.DateTimeFormat().resolvedOptions().timeZone;
    var known = Array.prototype.some.call(select.options, function (option) {
      return option.value === zone;
    });
    if (known && select.value === 'UTC') select.value = zone;
    show();
  });
})();
