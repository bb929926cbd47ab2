// Draws the icons named in a list, one a line, as one SVG sprite: sprite.mjs PACKAGES LIST OUT
// "star" is the outline icon, "star-filled" the filled one.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [packages, list, out] = process.argv.slice(2);
const names = readFileSync(list, 'utf8').split('\n').filter(Boolean);
if (names.join() !== [...new Set(names)].sort().join()) {
  throw new Error(`${list} must be sorted and free of repeats`);
}
writeFileSync(out, `<svg xmlns="http://www.w3.org/2000/svg">\n${names.map(symbol).join('\n')}\n</svg>\n`);

function symbol(name) {
  const [style, file] = name.endsWith('-filled') ? ['filled', name.slice(0, -7)] : ['outline', name];
  const path = `${packages}/@tabler/icons/icons/${style}/${file}.svg`;
  if (!existsSync(path)) throw new Error(`Tabler has no icon "${name}"`);
  const shapes = readFileSync(path, 'utf8')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^[\s\S]*?<svg[^>]*>/, '')
    .replace(/<\/svg>[\s\S]*$/, '')
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '')
    .replace(/\s*\n\s*/g, '');
  const paint = style === 'filled'
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${shapes}</symbol>`;
}
