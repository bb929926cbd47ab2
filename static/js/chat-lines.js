// Keeps the lines of an open chat up to date: fetches what came after the last one it shows, and older ones that were
// changed. One request at a time, and each line once, so that whatever calls it can call it as often as it likes.
(function () {
  'use strict';

  var lines, log, running, again, seenAt;

  function last() {
    var all = document.querySelectorAll('#lines [data-seq], #new-lines [data-seq]');
    return all.length ? Number(all[all.length - 1].getAttribute('data-seq')) : 0;
  }

  function sameText(one, other) {
    var bubble = one.querySelector('.bubble');
    return bubble && bubble.isEqualNode(other.querySelector('.bubble'));
  }

  // What is gone goes, also from under the focus; what is being written into the line stays there.
  function replace(shown, line) {
    var focused = shown.contains(document.activeElement) && document.activeElement;
    var editor = shown.querySelector('[data-line-edit]');
    if (shown.classList.contains('follows')) line.classList.add('follows');
    if (editor && line.querySelector('[data-edit]')) line.insertBefore(editor, line.firstChild);
    shown.replaceWith(line);
    if (!focused) return;
    var place = line.contains(focused) ? focused : line.querySelector('summary') || document.querySelector('[data-chat-box] [data-body]');
    if (place) place.focus({ preventScroll: true });
  }

  function take(text) {
    var news = new DOMParser().parseFromString(text, 'text/html').querySelector('[data-news]');
    if (!news) return;
    news.querySelectorAll('[data-changed] > [data-seq]').forEach(function (line) {
      var shown = document.getElementById(line.id);
      if (shown && !sameText(shown, line)) replace(shown, document.adoptNode(line));
    });
    var heading = null;
    Array.prototype.slice.call(news.querySelector('[data-new]').children).forEach(function (line) {
      if (line.hasAttribute('data-day')) {
        heading = line;
        return;
      }
      if (!document.getElementById(line.id)) {
        // A heading of a day comes with the first line of that day, and not alone.
        if (heading) log.appendChild(document.adoptNode(heading));
        log.appendChild(document.adoptNode(line));
      }
      heading = null;
    });
    var nobody = log.children.length && document.querySelector('[data-nobody]');
    if (nobody) nobody.remove();
    lines.setAttribute('data-change', news.getAttribute('data-change'));
    showSeen(Number(news.getAttribute('data-seen')));
  }

  function showSeen(seq) {
    var note = document.querySelector('[data-seen-line]');
    var own = document.querySelectorAll('#lines .mine[data-seq], #new-lines .mine[data-seq]');
    var newest = own.length ? Number(own[own.length - 1].getAttribute('data-seq')) : 0;
    note.hidden = !newest || newest > seq;
  }

  function look(leaving) {
    var visible = leaving !== true && document.visibilityState === 'visible';
    var form = new FormData();
    form.append('csrf_token', document.querySelector('meta[name=csrf-token]').content);
    form.append('seq', visible ? last() : seenAt);
    if (visible) form.append('looking', 'y');
    if (!visible && navigator.sendBeacon) return void navigator.sendBeacon(lines.getAttribute('data-read'), form);
    fetch(lines.getAttribute('data-read'), { method: 'POST', body: form, keepalive: true }).catch(function () {});
  }

  function fetchNews() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    var query = '?after=' + last() + '&change=' + lines.getAttribute('data-change');
    fetch(lines.getAttribute('data-news') + query, { headers: { 'HX-Request': 'true' }, redirect: 'error' })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(take)
      .catch(function () {}) // the stream says "resync" when the server is back
      .then(function () {
        running = false;
        if (last() !== seenAt && document.visibilityState === 'visible') {
          seenAt = last();
          look();
        }
        if (again) fetchNews();
      });
  }

  document.addEventListener('DOMContentLoaded', function () {
    lines = document.querySelector('[data-chat]');
    log = document.getElementById('new-lines');
    if (!lines || lines.hasAttribute('data-past') || !window.fetch || !window.DOMParser) return;
    seenAt = last();
    document.body.addEventListener('live:chat-' + lines.getAttribute('data-chat'), fetchNews);
    document.body.addEventListener('live:resync', fetchNews);
    document.addEventListener('chat:answer', function (event) { take(event.detail); });
    document.addEventListener('chat:news', function (event) { take(event.detail); });
    document.addEventListener('visibilitychange', function () {
      if (document.visibilityState === 'visible') seenAt = last();
      look();
    });
    window.addEventListener('pagehide', function () { look(true); });
    setInterval(function () { if (document.visibilityState === 'visible') look(); }, 60000);
  });
})();
