/** Whether nothing of a text is seen: it is empty, or of blanks and signs that have no look. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
