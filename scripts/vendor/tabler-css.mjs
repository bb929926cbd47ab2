// Compiles Tabler's style sheet for iOS 15.4, Chrome 99 and Firefox 102: tabler-css.mjs PACKAGES OUTDIR
//
// Tabler 1.6 paints with light-dark(), oklch() and color-mix() over custom properties. A declaration with var() is
// never dropped while parsing, so a second declaration is no fallback: each colour is resolved here instead.
//   light-dark(a, b)                    a in the rule, b in a copy of it for the dark theme
//   oklch(…), oklch(from …)             their sRGB value
//   color-mix(in oklab, var(--x) 10%, transparent)
//                                       rgba(var(--x-rgb), 0.1), where --x-rgb is a twin declared beside every --x
//   color-mix of two opaque colours     their sRGB value
// The dark theme is data-bs-theme="dark"; every dark rule is repeated for "auto" where the system is dark.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { unused } from './unused.mjs';
import { Palette } from './palette.mjs';

const [packages, out] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const postcss = require('postcss');
const values = require('postcss-value-parser');
const { transform } = require('lightningcss');

const DARK = '[data-bs-theme=dark]';
const source = readFileSync(`${packages}/@tabler/core/dist/css/tabler.css`, 'utf8');
const sheet = postcss.parse(source);
const banner = sheet.nodes.find((node) => node.type === 'comment' && node.text.startsWith('!'));

dropUnused(sheet);
const palette = new Palette(sheet, values, require('culori'));
splitThemes(sheet);
addTwins(sheet);
followSystem(sheet);

const version = (major, minor = 0) => (major << 16) | (minor << 8);
const { code } = transform({
  filename: 'tabler.css',
  code: Buffer.from(sheet.toString()),
  minify: true,
  targets: { ios_saf: version(15, 4), safari: version(15, 4), chrome: version(99), firefox: version(102) },
});
const css = code.toString();
const modern = /light-dark\(|oklch|oklab|color-mix\(|:has\(|rgb\(from/.exec(css);
if (modern) throw new Error(`not compiled: …${css.slice(modern.index - 120, modern.index + 80)}…`);
writeFileSync(`${out}/tabler.css`, `/*${banner.text}\n * Compiled for older phones by scripts/vendor-assets.\n */\n${css}\n`);
console.log(`${Math.round(source.length / 1024)} kB → ${Math.round(css.length / 1024)} kB`);

function dropUnused(root) {
  root.walkComments((comment) => comment.remove());
  root.walkRules((rule) => {
    if (rule.parent.name?.endsWith('keyframes')) return;
    rule.selectors = rule.selectors.filter((selector) => !unused(selector));
    if (!rule.selector) rule.remove();
  });
  // Tabler's own --x-rgb do not follow the theme; our twins take their place.
  root.walkDecls((decl) => { if (unused.properties.test(decl.prop) || /^--.*-rgb$/.test(decl.prop)) decl.remove(); });
  root.walkAtRules((at) => { if (at.nodes && !at.nodes.length) at.remove(); });
}

// Gives each rule its light values, and follows it by a copy for the dark theme with what differs.
function splitThemes(root) {
  root.walkRules((rule) => {
    if (rule.parent.name?.endsWith('keyframes')) return;
    const dark = rule.selector.includes(DARK);
    const copy = rule.clone({ nodes: [] });
    rule.walkDecls((decl) => {
      const light = palette.resolve(decl.value, 'light');
      const night = palette.resolve(decl.value, 'dark');
      decl.value = dark ? night : light;
      if (!dark && light !== night) copy.append(decl.clone({ value: night }));
    });
    if (!copy.nodes.length) return;
    copy.selectors = [...new Set(rule.selectors.map(underDark))];
    rule.after(copy);
  });
}

function underDark(selector) {
  if (/^(:root|:host|\[data-bs-theme=light\])$/.test(selector)) return DARK;
  // :where keeps the specificity of the rule that the copy overrides.
  return `:where(${DARK}) ${selector}`;
}

// Declares --x-rgb beside every --x whose channels some rule asked for, until no declaration asks for another.
function addTwins(root) {
  const done = new Set();
  for (let wanted = palette.wanted(done); wanted.length; wanted = palette.wanted(done)) {
    wanted.forEach((name) => done.add(name));
    root.walkDecls((decl) => {
      if (!wanted.includes(decl.prop)) return;
      const scheme = decl.parent.selector.includes(DARK) ? 'dark' : 'light';
      decl.after({ prop: `${decl.prop}-rgb`, value: palette.channels(decl.value, scheme) });
    });
  }
}

function followSystem(root) {
  root.walkRules((rule) => {
    if (!rule.selector.includes(DARK) || rule.parent.name === 'media' && rule.parent.params === 'print') return;
    const night = postcss.atRule({ name: 'media', params: '(prefers-color-scheme: dark)' });
    const selectors = rule.selectors.filter((s) => s.includes(DARK));
    night.append(rule.clone({ selectors: selectors.map((s) => s.replace(DARK, '[data-bs-theme=auto]')) }));
    rule.after(night);
  });
}
