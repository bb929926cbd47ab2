// After a form was refused the focus goes to the list of what to mend.
(function () {
  'use strict';

  function focusSummary() {
    var summary = document.querySelector('[data-error-summary]');
    if (!summary) return;
    summary.removeAttribute('data-error-summary');
    summary.focus();
  }

  document.addEventListener('DOMContentLoaded', focusSummary);
  document.addEventListener('htmx:after:swap', focusSummary);
})();
