// Records name, version and licence of each vendored package: versions.mjs PACKAGES OUT NAME...
import { readFileSync, writeFileSync } from 'node:fs';

const [packages, out, ...names] = process.argv.slice(2);
const rows = names.map((name) => {
  const { version, license, homepage } = JSON.parse(readFileSync(`${packages}/${name}/package.json`, 'utf8'));
  return [name, { version, licence: license, homepage }];
});
writeFileSync(out, `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
