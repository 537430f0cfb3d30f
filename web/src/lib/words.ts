/** Small words around numbers. */

/** "1 mention", "2 mentions". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
