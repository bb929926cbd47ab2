// The keyboard of the field that suggests skills (WAI-ARIA combobox with a list). htmx fetches the suggestions;
// choosing one puts its name into the field and sends the search, as typing it and pressing "Search" would.
(function () {
  'use strict';

  function parts(form) {
    var input = form.querySelector('input[name=q]');
    return { form: form, input: input, list: form.querySelector('.skill-options'), status: form.querySelector('[data-skill-status]') };
  }

  function prepare(root) {
    root.querySelectorAll('form[data-skill-picker]:not([data-ready])').forEach(function (form) {
      var picker = parts(form);
      form.setAttribute('data-ready', '');
      picker.list.setAttribute('role', 'listbox');
      picker.input.setAttribute('role', 'combobox');
      picker.input.setAttribute('aria-autocomplete', 'list');
      picker.input.setAttribute('aria-controls', picker.list.id);
      close(picker);
    });
  }

  function options(picker) {
    return Array.prototype.slice.call(picker.list.querySelectorAll('[role=option]:not([aria-disabled=true])'));
  }

  function open(picker) {
    var any = picker.list.querySelector('[role=option]') !== null;
    picker.list.hidden = !any;
    picker.input.setAttribute('aria-expanded', any ? 'true' : 'false');
    mark(picker, null);
  }

  function close(picker) {
    picker.list.hidden = true;
    picker.input.setAttribute('aria-expanded', 'false');
    mark(picker, null);
  }

  function mark(picker, option) {
    picker.list.querySelectorAll('[aria-selected=true]').forEach(function (other) {
      other.setAttribute('aria-selected', 'false');
    });
    if (!option) {
      picker.input.removeAttribute('aria-activedescendant');
      return;
    }
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    picker.input.setAttribute('aria-activedescendant', option.id);
  }

  function move(picker, step) {
    var all = options(picker);
    if (!all.length) return;
    if (picker.list.hidden) open(picker);
    var now = all.indexOf(picker.list.querySelector('[aria-selected=true]'));
    mark(picker, all[now < 0 && step < 0 ? all.length - 1 : (now + step + all.length) % all.length]);
  }

  function choose(picker, option) {
    picker.input.value = option.getAttribute('data-value');
    close(picker);
    picker.list.textContent = '';
    picker.form.querySelector('button[type=submit]').click();
  }

  function pickerOf(target) {
    var form = target.closest && target.closest('form[data-skill-picker][data-ready]');
    return form ? parts(form) : null;
  }

  document.addEventListener('keydown', function (event) {
    var picker = pickerOf(event.target);
    if (!picker || event.target !== picker.input || event.isComposing) return;
    var active = picker.list.querySelector('[aria-selected=true]');
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(picker, event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && active && !picker.list.hidden) {
      event.preventDefault();
      choose(picker, active);
    } else if (event.key === 'Escape' && !picker.list.hidden) {
      event.preventDefault();
      close(picker);
    }
  });

  // Before the field loses the focus: the press itself chooses.
  document.addEventListener('mousedown', function (event) {
    var option = event.target.closest && event.target.closest('[role=option]');
    var picker = option && pickerOf(option);
    if (!picker) return;
    event.preventDefault();
    if (option.getAttribute('aria-disabled') !== 'true') choose(picker, option);
  });

  document.addEventListener('focusout', function (event) {
    var picker = pickerOf(event.target);
    if (picker && event.target === picker.input) close(picker);
  });

  document.addEventListener('submit', function (event) {
    var picker = pickerOf(event.target);
    if (!picker) return;
    picker.form.setAttribute('data-answered', '');
    close(picker);
  });

  document.addEventListener('input', function (event) {
    var picker = pickerOf(event.target);
    if (picker) picker.form.removeAttribute('data-answered');
  });

  // Suggestions that arrive after the search was sent stay closed.
  document.addEventListener('htmx:after:swap', function () {
    prepare(document);
    var picker = document.activeElement && pickerOf(document.activeElement);
    if (!picker || document.activeElement !== picker.input || picker.form.hasAttribute('data-answered')) return;
    open(picker);
    var first = picker.list.querySelector('[data-status]');
    picker.status.textContent = first ? first.getAttribute('data-status') : '';
  });

  document.addEventListener('DOMContentLoaded', function () { prepare(document); });
})();
