// A form is sent once: further clicks do nothing until the page is shown again. Forms that htmx sends are its own.
(function () {
  'use strict';

  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (form.hasAttribute('data-sent')) {
      event.preventDefault();
      return;
    }
    form.setAttribute('data-sent', '');
    form.setAttribute('aria-busy', 'true');
  });

  // Coming back with the browser's button restores the page as it was left.
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-sent]').forEach(function (form) {
      form.removeAttribute('data-sent');
      form.removeAttribute('aria-busy');
    });
  });
})();
