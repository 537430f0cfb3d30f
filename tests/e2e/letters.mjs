/** Letters that a server without a mail server has put into its folder. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The invitation to an address, when it has arrived: its text, and the link in it. */
export async function letterTo(address, folder = process.env.RUSTCHAT_MAIL) {
  for (let n = 0; n < 100; n++) {
    for (const name of await readdir(folder).catch(() => [])) {
      const letter = await readFile(join(folder, name), 'utf8');
      // Quoted-printable: a line that ends with an equals sign goes on.
      const text = letter.replace(/=\r?\n/g, '').replaceAll('=3D', '=');
      if (!text.includes(`To: ${address}`)) continue;
      const link = /https?:\S+\/signup_user_complete\?\S+/.exec(text)?.[0];
      if (link) return { text, link: new URL(link) };
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no invitation to ${address}`);
}
