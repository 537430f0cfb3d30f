/** Light, dark, or as the system says. Kept per browser, not per account: it is a property of the screen. */
import { load, save } from './storage';

export type Theme = 'system' | 'light' | 'dark';

class ThemeState {
  #choice = $state<Theme>(load<Theme>('theme', 'system'));

  get choice(): Theme {
    return this.#choice;
  }

  set choice(theme: Theme) {
    this.#choice = theme;
    save('theme', theme);
    this.apply();
  }

  apply(): void {
    if (this.#choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.#choice;
  }
}

export const theme = new ThemeState();
