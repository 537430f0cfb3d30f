/**
 * Stands where the parser imports what this client switches off: its own search for links, and its rewriting of
 * addresses.
 */
export class LinkifyIt {}
const same = (text: unknown): unknown => text;
export { same as parse, same as format, same as encode, same as decode };
export default { toASCII: same, toUnicode: same };
