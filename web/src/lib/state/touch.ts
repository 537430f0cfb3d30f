/** Whether one points with fingers. The focus would then open a keyboard over what one came to read. */
export const touch = matchMedia('(hover: none)').matches;
