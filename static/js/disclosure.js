// Menus made of <details data-menu>: Escape and a click elsewhere close them, Escape gives the focus back.
(function () {
  'use strict';

  function open() {
    return document.querySelectorAll('details[data-menu][open]');
  }

  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    open().forEach(function (menu) {
      var summary = menu.querySelector('summary');
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) summary.focus();
    });
  });

  document.addEventListener('click', function (event) {
    open().forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener('focusin', function (event) {
    open().forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
