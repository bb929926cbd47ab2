// Resolves Tabler's modern colours to sRGB, per scheme ("light", "dark"). Mixes are in oklab, as in Tabler.

const ROOT = /^(:root|\[data-bs-theme=light\])$/;
const ACCENT = 'var(--tblr-primary)';
const SURFACES = /^var\(--tblr-(bg-surface|body-bg)\)$/;

export class Palette {
  // postcss sheet, postcss-value-parser, culori
  constructor(sheet, values, culori) {
    Object.assign(this, { values, culori, asked: new Set(), root: { light: new Map(), dark: new Map() }, local: new Set() });
    sheet.walkDecls(/^--/, (decl) => {
      const { selectors } = decl.parent;
      const root = selectors.some((s) => ROOT.test(s)) && decl.parent.parent.type === 'root';
      const dark = selectors.some((s) => s.endsWith('[data-bs-theme=dark]'));
      if (root) this.root.light.set(decl.prop, decl.value);
      if (root || dark) this.root.dark.set(decl.prop, decl.value);
      if (!root && !dark) this.local.add(decl.prop);
    });
  }

  // The value without light-dark(), oklch(), color-mix(), with var(--x-rgb) where a translucent x is needed.
  resolve(value, scheme) {
    if (value.includes('url(')) return value.replace(/oklch%28(.*?)%29/g, (_, c) => this.encoded(c));
    for (const [, name] of value.matchAll(/var\((--[\w-]+)-rgb\)/g)) this.asked.add(name);
    if (!/light-dark|oklch|color-mix/.test(value)) return value;
    const tree = this.values(value);
    tree.walk((node) => {
      const text = this.replacement(node, scheme);
      if (text === undefined) return true;
      Object.assign(node, { type: 'word', value: text });
      return false;
    }, true);
    return tree.toString();
  }

  // Names whose twins are wanted and not in done.
  wanted(done) {
    return [...this.asked].filter((name) => !done.has(name));
  }

  // "r, g, b" of a resolved value of a custom property.
  channels(value, scheme) {
    const reference = /^var\((--[\w-]+)(?:,\s*(.+))?\)$/.exec(value);
    if (reference) {
      this.asked.add(reference[1]);
      return `var(${reference[1]}-rgb)`;
    }
    const translucent = /^rgba\(var\((--[\w-]+)-rgb\),/.exec(value);
    if (translucent) return `var(${translucent[1]}-rgb)`;
    const colour = this.colour(value, scheme);
    if (!colour) throw new Error(`no channels in "${value}"`);
    return this.triple(colour).join(', ');
  }

  replacement(node, scheme) {
    if (node.type !== 'function') return undefined;
    const text = this.values.stringify(node);
    if (node.value === 'light-dark') return this.resolve(this.parts(node)[scheme === 'light' ? 0 : 1], scheme);
    if (node.value === 'oklch') return this.css(this.colour(text, scheme), text);
    if (node.value === 'color-mix') return this.mixed(node, text, scheme);
    return undefined;
  }

  mixed(node, text, scheme) {
    const [, first, second] = this.parts(node);
    const [base, share] = this.stop(first);
    const [other] = this.stop(second);
    const weight = share ?? '0.5';
    if (other === 'transparent') return this.faded(base, this.number(weight), scheme);
    // A community sets its own accent, so what is mixed from it must follow: laid over white or black, as mixed with it.
    if (other === ACCENT) return this.faded(other, +(1 - this.number(weight)).toFixed(4), scheme);
    // What a rule sets for itself is laid over the surface instead of being mixed with it: the same to the eye.
    const known = this.fixed(base, scheme) && !weight.includes('var(');
    if (SURFACES.test(other) && !known) return this.faded(base, this.number(weight), scheme);
    return this.css(this.colour(text, scheme), text);
  }

  // base at an opacity: a number or a var().
  faded(base, opacity, scheme) {
    const name = /^var\((--[\w-]+)(?:,.*)?\)$/.exec(base)?.[1];
    const colour = this.fixed(base, scheme);
    if (base === 'currentColor' || base.startsWith('rgba(var(')) return base;
    if (name && colour && (colour.alpha ?? 1) < 1) return this.css({ ...colour, alpha: colour.alpha * (+opacity || 1) });
    if (name) {
      this.asked.add(name);
      return `rgba(var(${name}-rgb), ${opacity})`;
    }
    const solid = this.colour(base, scheme);
    return `rgba(${this.triple(solid).join(', ')}, ${opacity})`;
  }

  // The colour if it is the same wherever it is used: no rule below the root redefines what it stands on.
  fixed(text, scheme) {
    const names = [...text.matchAll(/--[\w-]+/g)].map((match) => match[0]);
    return names.some((name) => this.local.has(name)) ? undefined : this.colour(text, scheme);
  }

  // A culori rgb colour, or undefined for what is none.
  colour(text, scheme) {
    const [node] = this.values(text.trim()).nodes;
    if (node?.type !== 'function') return this.rgb(this.culori.parse(text.trim()));
    const parts = this.parts(node);
    if (node.value === 'var') {
      const value = this.root[scheme].get(parts[0]) ?? parts[1];
      return value && this.colour(value, scheme);
    }
    if (node.value === 'light-dark') return this.colour(parts[scheme === 'light' ? 0 : 1], scheme);
    if (node.value === 'color-mix') return this.mix(parts, scheme);
    if (text.startsWith('oklch(from')) return this.relative(text, scheme);
    return this.rgb(this.culori.parse(text.replace(/none/g, '0')));
  }

  mix([, first, second], scheme) {
    const [[a, share], [b, rest]] = [this.stop(first), this.stop(second)];
    const left = this.colour(a, scheme);
    const weight = share ? this.number(share) : rest ? 1 - this.number(rest) : 0.5;
    if (b === 'transparent') return left && { ...left, alpha: (left.alpha ?? 1) * (+weight || 1) };
    const right = this.colour(b, scheme);
    return left && right && this.rgb(this.culori.interpolate([right, left], 'oklab')(+weight));
  }

  // oklch(from COLOUR calc(l ± n) c h)
  relative(text, scheme) {
    const [, base, sign, shift] = /^oklch\(from (\S+) calc\(l ([+-]) ([\d.]+)\) c h\)$/.exec(text);
    const colour = this.culori.oklch(this.colour(base, scheme));
    return this.rgb({ ...colour, l: colour.l + (sign === '+' ? 1 : -1) * shift });
  }

  rgb(colour) {
    return colour && this.culori.toGamut('rgb', 'oklch')(colour);
  }

  triple(colour) {
    return [colour.r, colour.g, colour.b].map((channel) => Math.round(Math.min(1, Math.max(0, channel)) * 255));
  }

  css(colour, text) {
    if (!colour) throw new Error(`not a colour that can be compiled: ${text}`);
    const alpha = colour.alpha ?? 1;
    return alpha < 1 ? `rgba(${this.triple(colour).join(', ')}, ${+alpha.toFixed(4)})` : this.culori.formatHex(colour);
  }

  // Colours inside data: addresses are percent-encoded.
  encoded(content) {
    return `%23${this.css(this.colour(`oklch(${decodeURIComponent(content)})`, 'light')).slice(1)}`;
  }

  parts(node) {
    return splitTop(this.values.stringify(node.nodes));
  }

  // "COLOUR 20%" → [COLOUR, "20%"]; the share may be a calc().
  stop(text) {
    const match = /^(.*?)\s+([\d.]+%|calc\(.*\)|var\([^()]*(?:\([^()]*\))?[^()]*\))$/.exec(text);
    return match ? [match[1], match[2]] : [text, undefined];
  }

  // A share as a number from 0 to 1, or the var() that holds it.
  number(share) {
    const percent = /^([\d.]+)%$/.exec(share);
    if (percent) return +(percent[1] / 100).toFixed(4);
    const scaled = /^calc\((.*) \* ([\d.]+)%\)$/.exec(share);
    if (!scaled) return share;
    return scaled[2] === '100' ? scaled[1] : `calc(${scaled[1]} * ${scaled[2] / 100})`;
  }
}

function splitTop(text) {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}
