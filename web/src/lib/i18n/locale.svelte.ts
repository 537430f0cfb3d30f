/**
 * The language that the page speaks: the account's inside, the browser's outside. Its texts are loaded when it is chosen;
 * whatever shows one follows. Numbers and lists are written as its region has them; times lie in `time/reader.svelte.ts`.
 */
import { catalogues } from '../messages/languages';
import { load, save } from '../state/storage';

export type Language = keyof typeof catalogues;
type Values = Record<string, string | number>;
type Texts = Record<number, (values?: Values) => string>;

export const LANGUAGES = Object.keys(catalogues) as Language[];

class Locale {
  #language = $state<Language>('en');
  #texts = $state.raw<Texts>({});
  /** What was chosen last, and its texts on their way: those of an earlier choice that come later are not taken. */
  #chosen: Language | undefined;
  #coming = Promise.resolve();

  get language(): Language {
    return this.#language;
  }

  /** The language with the region that the browser has for it, such as `en-GB`. */
  readonly tag = $derived(navigator.languages.find((tag) => languageOf(tag) === this.#language) ?? this.#language);

  readonly #numbers = $derived(new Intl.NumberFormat(this.tag));

  /** Before anything is known of an account: what it spoke here last, else what the browser would like. */
  start(): Promise<void> {
    return this.use(pick([load('language', ''), ...navigator.languages]));
  }

  /** Speaks the account's language. */
  async enter(accountLocale: string): Promise<void> {
    const language = pick([accountLocale, ...navigator.languages]);
    save('language', language);
    await this.use(language);
  }

  /** Speaks the browser's language again. */
  async leave(): Promise<void> {
    save('language', null);
    await this.use(pick(navigator.languages));
  }

  /** Done when the page speaks it. Fails, and stays with the language that it speaks, where the texts cannot be loaded. */
  use(language: Language): Promise<void> {
    if (language !== this.#chosen) {
      this.#chosen = language;
      this.#coming = this.#load(language);
    }
    return this.#coming;
  }

  /** What a call of a text comes to. */
  text(place: number, values?: Values): string {
    return this.#texts[place]?.(values) ?? '';
  }

  /** `12,345` */
  number(value: number): string {
    return this.#numbers.format(value);
  }

  /** `1.4`, with this many digits behind the point, and nothing between the thousands. */
  decimal(value: number, digits: number): string {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
    return new Intl.NumberFormat(this.tag, options).format(value);
  }

  /** `a, b, and c`; or with “or”; or with nothing but commas, as far as the language does without a word. */
  list(items: readonly string[], type: 'conjunction' | 'disjunction' | 'unit' = 'conjunction'): string {
    return new Intl.ListFormat(this.tag, { type, style: type === 'unit' ? 'short' : 'long' }).format(items);
  }

  /** A language by its own name: `Deutsch`. */
  nameOf(language: Language): string {
    return new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  }

  async #load(language: Language): Promise<void> {
    try {
      const texts = (await catalogues[language]()).default as Texts;
      if (language !== this.#chosen) return;
      this.#texts = texts;
      this.#language = language;
      document.documentElement.lang = language;
    } catch (error) {
      if (language === this.#chosen) this.#chosen = undefined;
      throw error;
    }
  }
}

export const locale = new Locale();

export function text(place: number, values?: Values): string {
  return locale.text(place, values);
}

/** The first of some languages that there are texts in; English where there is none. */
export function pick(tags: readonly string[]): Language {
  const spoken = tags.map(languageOf).find((name) => (LANGUAGES as string[]).includes(name));
  return (spoken as Language | undefined) ?? 'en';
}

function languageOf(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? '';
}
