/** Named character references, as the browser knows them: the parser's own table would be a third of the client. */
const known = new Map<string, string>();

/** The text for one reference such as `&amp;`; the reference itself when nothing is called so. */
export function decodeHTMLStrict(reference: string): string {
  let text = known.get(reference);
  if (text === undefined) {
    text = new DOMParser().parseFromString(`<p>${reference}</p>`, 'text/html').body.textContent ?? reference;
    // The names that exist are few, what somebody may write is not.
    if (text !== reference && known.size < 5000) known.set(reference, text);
  }
  return text;
}
