// The keyboard in the box, and where a message is edited: Enter sends, Shift+Enter begins a line, the arrow up in an
// empty box edits the last message.
(function () {
  'use strict';

  var BOXES = '[data-chat-box] [data-body], [data-line-edit] [data-body]';

  // A phone's keyboard has no Shift+Enter: there Enter begins a line and the button sends. Ctrl+Enter sends everywhere.
  function sends(event) {
    if (event.key !== 'Enter') return false;
    if (event.ctrlKey || event.metaKey) return true;
    return !event.shiftKey && !window.matchMedia('(pointer: coarse)').matches;
  }

  function fit(box) {
    box.rows = Math.min(8, box.value.split('\n').length);
    while (box.rows < 8 && box.scrollHeight > box.clientHeight + 2) box.rows += 1;
  }

  document.addEventListener('keydown', function (event) {
    var box = event.target;
    if (!box.matches || !box.matches(BOXES) || event.isComposing) return;
    if (sends(event)) {
      event.preventDefault();
      box.form.requestSubmit ? box.form.requestSubmit() : box.form.querySelector('[type=submit]').click();
    }
    if (event.key === 'ArrowUp' && box.closest('[data-chat-box]') && !box.value && !event.shiftKey) {
      var links = document.querySelectorAll('.chat-lines [data-edit]');
      if (!links.length) return;
      event.preventDefault();
      links[links.length - 1].click();
    }
  });

  document.addEventListener('input', function (event) {
    if (event.target.matches('[data-chat-box] [data-body]')) fit(event.target);
  });

  document.addEventListener('DOMContentLoaded', function () {
    var box = document.querySelector('[data-chat-box] [data-body]');
    if (!box) return;
    document.querySelectorAll('[data-keys]').forEach(function (note) { note.hidden = false; });
    fit(box);
    if (window.matchMedia('(pointer: fine)').matches && !location.hash) {
      box.focus({ preventScroll: true });
      box.setSelectionRange(box.value.length, box.value.length);
    }
  });
})();
