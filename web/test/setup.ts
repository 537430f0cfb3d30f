/** Tests read the texts in English. */
import { locale } from '../src/lib/i18n/locale.svelte';

await locale.use('en');
