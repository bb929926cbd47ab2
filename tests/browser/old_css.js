// Returns what is wrong; colours are blended down to the page, contrast is that of WCAG 2.2.
() => {
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const over = (front, back) => {
    const a = front.length > 3 ? front[3] : 1;
    return [0, 1, 2].map(i => front[i] * a + back[i] * (1 - a));
  };
  const ground = element => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    const dark = getComputedStyle(document.documentElement).colorScheme === 'dark';
    return layers.reverse().reduce((back, front) => over(front, back), dark ? [18, 18, 18] : [255, 255, 255]);
  };
  const light = colour => {
    const [r, g, b] = colour.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dim, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dim + 0.05);
  };
  const seen = element => {
    const box = element.getBoundingClientRect();
    return !element.closest('.visually-hidden') && box.width > 2 && box.height > 2 && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  };
  const about = element => element.tagName + '.' + element.className + ' ' + (element.textContent || element.name).trim().slice(0, 40);
  const found = [];
  const look = (selector, least) => document.querySelectorAll(selector).forEach(element => {
    if (!seen(element)) return;
    const style = getComputedStyle(element);
    const outside = ground(element.parentElement);
    const drawn = parseFloat(style.borderBottomWidth) >= 1 && style.borderBottomStyle === 'solid';
    const border = drawn ? over(parse(style.borderBottomColor), outside) : outside;
    const best = Math.max(contrast(border, outside), contrast(ground(element), outside));
    if (!drawn || best < least) found.push('border ' + best.toFixed(2) + ': ' + about(element));
  });
  look('input:not([type=hidden]), select, textarea', 3);
  look('.card, .person-card', 1.04);
  document.querySelectorAll('a, button, summary, .btn').forEach(element => {
    const text = element.textContent.trim();
    if (!text || !seen(element)) return;
    const style = getComputedStyle(element);
    const back = ground(element);
    const ratio = contrast(over(parse(style.color), back), back);
    if (ratio < 4.5) found.push('contrast ' + ratio.toFixed(2) + ': ' + about(element));
  });
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSStyleRule && rule.cssRules && rule.cssRules.length) found.push('nested: ' + rule.selectorText);
  return found;
}
