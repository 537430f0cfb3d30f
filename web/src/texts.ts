/** Asks for the texts while the client itself, which is much larger, is still on its way. The build puts it before the entry. */
import { locale } from './lib/i18n/locale.svelte';

void locale.start();
