// Returns what a hostile text has achieved on the page.
product => {
  const found = window.refused.map(directive => 'refused by the policy: ' + directive);
  if (window.ran) found.push('a script ran');
  if (document.documentElement.scrollWidth > window.innerWidth) {
    const wide = [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > window.innerWidth);
    found.push('scrolls sideways: ' + wide.slice(0, 4).map(e => e.tagName + '.' + e.className).join(' '));
  }
  if (document.documentElement.textContent.includes(product)) found.push('a template was filled');
  for (const element of document.querySelectorAll('*')) {
    if (element.tagName === 'SCRIPT' && !element.src) found.push('inline script');
    for (const {name, value} of element.attributes) {
      const leads = /^(href|src|action)$/.test(name) && /^\s*javascript:/i.test(value);
      if (leads || /^on|^hx-on|^style$/.test(name)) found.push(element.tagName + ' ' + name + '=' + value.slice(0, 60));
    }
  }
  return found;
}
