import { RuleTester } from 'eslint';
import * as svelte from 'svelte-eslint-parser';
import { describe, it } from 'vitest';
import { noBareText } from '../eslint/no-bare-text.js';

RuleTester.describe = describe;
RuleTester.it = it;

const bare = (count: number) => Array.from({ length: count }, () => ({ messageId: 'bare' }));

new RuleTester({ languageOptions: { parser: svelte } }).run('bare texts in markup', noBareText, {
  valid: [
    '<p title={m.title()}>{m.text()}</p>',
    '<p title=":{name}:">{place} · {count} % 😀 …</p>',
    '<p>rustchat</p>',
    '<input class="input" type="search" placeholder="/api/v4/users" />',
    "<p>{name === 'ann' ? '–' : m.text()}</p>",
    '<style>p { color: red; }</style>',
  ],
  invalid: [
    { code: '<p>Hello</p>', errors: bare(1) },
    { code: '<p>{count} messages</p>', errors: bare(1) },
    { code: "<p>{on ? 'On' : `Off ${count}`}</p>", errors: bare(2) },
    { code: '<svelte:head><title>Chat</title></svelte:head>', errors: bare(1) },
    { code: '<img alt="A cat" />', errors: bare(1) },
    { code: '<button aria-label="Delete {name}" title={title ?? \'Delete\'}></button>', errors: bare(2) },
    { code: '<Field label="Name" hint="Small letters" />', errors: bare(2) },
  ],
});

new RuleTester().run('bare texts in code', noBareText, {
  valid: ["open({ kind: 'edit', title: m.title() })", 'toasts.info(m.saved())', "connection.send('user_typing')"],
  invalid: [
    { code: "open({ title: 'Leave?', text: `Leave ${name}?` })", errors: bare(2) },
    { code: "toasts.info('Saved.')", errors: bare(1) },
    { code: "throw new Error('Nothing is there.')", errors: bare(1) },
  ],
});
