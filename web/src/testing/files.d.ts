/** What tests use of Node, whose types the page does without. */
declare module 'node:fs' {
  export function readFileSync(path: string, encoding: 'utf8'): string;
}
