// Older messages come in above those that are shown, without a new page and without moving what one reads.
(function () {
  'use strict';

  function merge(text, item) {
    var page = new DOMParser().parseFromString(text, 'text/html');
    var older = page.querySelectorAll('#lines > li');
    var first = item.nextElementSibling;
    var days = {};
    older.forEach(function (line) {
      if (line.id && document.getElementById(line.id)) return;
      if (line.hasAttribute('data-day')) days[line.getAttribute('data-day')] = true;
      if (!line.querySelector('a[href$="' + location.pathname + '"]')) item.parentNode.insertBefore(document.adoptNode(line), item);
    });
    // The day that goes on here has its heading further up now.
    if (first && first.hasAttribute('data-day') && days[first.getAttribute('data-day')]) first.remove();
    item.remove();
  }

  document.addEventListener('click', function (event) {
    var link = event.target.closest('[data-older]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.fetch || !window.DOMParser) return;
    event.preventDefault();
    var scroll = document.querySelector('[data-chat-scroll]');
    link.setAttribute('aria-busy', 'true');
    fetch(link.href, { redirect: 'error' })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(function (text) {
        merge(text, link.closest('li'));
        scroll.focus({ preventScroll: true });
      })
      .catch(function () { location.assign(link.href); });
  });
})();
