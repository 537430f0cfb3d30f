/** Named character references, as the browser knows them: the parser's own table would be a third of the client. */

/** In a document of its own, where nothing is shown or fetched. */
const box = document.implementation.createHTMLDocument('').createElement('i');
const known = new Map<string, string>();
/** The names that exist are some two thousand; what somebody may write instead is not remembered for ever. */
const MOST = 5000;

/** The text for one reference such as `&amp;`; the reference itself when nothing is called so. */
export function decodeHTMLStrict(reference: string): string {
  let text = known.get(reference);
  if (text === undefined) {
    box.innerHTML = reference;
    text = box.textContent ?? reference;
    if (known.size >= MOST) known.clear();
    known.set(reference, text);
  }
  return text;
}
