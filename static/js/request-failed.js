// A part of a page that could not be fetched says so, instead of leaving the reader waiting. The words are the page's.
(function () {
  'use strict';

  function say() {
    var place = document.getElementById('flashes');
    if (!place || place.querySelector('[data-failure]')) return;
    var note = document.createElement('div');
    note.className = 'alert alert-danger';
    note.setAttribute('data-failure', '');
    note.textContent = place.getAttribute('data-failed');
    place.appendChild(note);
  }

  document.addEventListener('htmx:after:request', function (event) {
    var answer = event.detail.ctx.response;
    // 422 carries the form with its errors and is shown like any other answer.
    if (answer && answer.status >= 400 && answer.status !== 422) say();
  });

  // The network is away, or the answer never came.
  document.addEventListener('htmx:error', say);
})();
