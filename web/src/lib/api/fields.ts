/**
 * Which field of a form an error is about. The server names the field in the error's id, among other words; when none of
 * the form's fields is recognised the error belongs to the form as a whole.
 */
import { ApiError } from './errors';

export type FieldErrors<Name extends string> = Partial<Record<Name, string>>;

/** Runs `work`; an error that names one of the fields is returned for it, any other is thrown on. */
export async function byField<Name extends string>(
  patterns: Record<Name, RegExp>,
  work: () => Promise<unknown>,
): Promise<FieldErrors<Name>> {
  try {
    await work();
    return {};
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const names = Object.keys(patterns) as Name[];
    const name = names.find((candidate) => patterns[candidate].test(error.id));
    if (!name) throw error;
    return { [name]: error.message } as FieldErrors<Name>;
  }
}
