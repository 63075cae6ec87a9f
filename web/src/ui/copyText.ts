/** Put a text on the clipboard, as far as the browser lets a page do that. */

/** Gives whether it is there. Call it from a press: browsers ask for one. */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  // Plain http has no clipboard but on this machine itself; the older way works there in most browsers.
  if (!clipboard) return copyByCommand(text);
  try {
    await clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  let taken = false;
  const give = (event: ClipboardEvent) => {
    if (!event.clipboardData) return;
    event.clipboardData.setData('text/plain', text);
    event.preventDefault();
    taken = true;
  };
  document.addEventListener('copy', give);
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- plain http has nothing else
    return 'execCommand' in document && document.execCommand('copy') && taken;
  } finally {
    document.removeEventListener('copy', give);
  }
}
