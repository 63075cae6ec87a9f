// Weigh what a browser loads, gzipped, and fail above the budget. Run after `vite build`, whose manifest it reads.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 300;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** Files of an entry and of all it imports; with `dynamic` also of what it loads later. */
function filesOf(key, dynamic, seen = new Set(), files = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const next of [...(chunk.imports ?? []), ...(dynamic ? (chunk.dynamicImports ?? []) : [])]) {
    filesOf(next, dynamic, seen, files);
  }
  return files;
}

function kilobytes(files) {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
  return Math.round(bytes / 100) / 10;
}

const first = kilobytes(filesOf('index.html', false));
const call = kilobytes(filesOf('index.html', true));
console.log(`page, gzip: ${first} kB at first (budget ${BUDGET_KB}), ${call} kB once a call is opened`);
if (first > BUDGET_KB) {
  console.error(`the first load is ${Math.round(first - BUDGET_KB)} kB over its budget`);
  process.exit(1);
}
