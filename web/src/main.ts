/** The entry: styles, the theme before anything is drawn, and the root component, as soon as there are texts to show. */
import { mount } from 'svelte';
import App from './App.svelte';
import { emoji } from './lib/emoji/emoji.svelte';
import { locale } from './lib/i18n/locale.svelte';
import { theme } from './lib/state/theme.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/markdown.css';

theme.apply();
void emoji.load();
await locale.start();
const target = document.getElementById('app') as HTMLElement;
target.replaceChildren();
mount(App, { target });
