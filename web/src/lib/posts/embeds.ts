/**
 * What a message's link leads to, as the server found out (`metadata.embeds`), made ready to be shown. Pictures come
 * through the server's proxy or not at all: the other site must not learn who reads here. Pure but for the base address.
 */
import type { OpenGraphMetadata, Post } from '@mattermost/types/posts';
import { siteUrl } from '../api/base';

export interface Preview {
  url: string;
  site: string;
  title: string;
  description: string;
  picture: { src: string; width: number; height: number } | null;
}

/** The preview of a post, if there is something to show. */
export function previewOf(post: Post, proxied: boolean): Preview | null {
  for (const embed of post.metadata?.embeds ?? []) {
    const site = hostOf(embed.url);
    if (!site) continue;
    if (embed.type === 'opengraph') return fromGraph(embed.url, site, embed.data as OpenGraphMetadata, post, proxied);
    // A picture that the text shows already is not shown twice.
    if (embed.type === 'image' && !post.message.includes(`](${embed.url}`)) {
      const picture = pictureAt(embed.url, post, proxied);
      if (picture) return { url: embed.url, site, title: '', description: '', picture };
    }
  }
  return null;
}

/** The address under which the server hands out a picture from elsewhere; empty without a proxy. */
export function proxy(address: string, proxied: boolean): string {
  if (address.startsWith(`${siteUrl}/api/v4/`)) return address;
  if (!proxied || !hostOf(address)) return '';
  return `${siteUrl}/api/v4/image?url=${encodeURIComponent(address)}`;
}

function fromGraph(url: string, site: string, data: OpenGraphMetadata, post: Post, proxied: boolean): Preview {
  const image = data?.images?.[0];
  const source = image?.secure_url || image?.url || '';
  const picture = pictureAt(source, post, proxied, image);
  return {
    url,
    site: data?.site_name?.trim() || site,
    title: data?.title?.trim() ?? '',
    description: data?.description?.trim() ?? '',
    picture,
  };
}

function pictureAt(
  address: string,
  post: Post,
  proxied: boolean,
  told?: { width?: number; height?: number },
): Preview['picture'] {
  const src = proxy(address, proxied);
  if (!src) return null;
  const known = post.metadata?.images?.[address];
  return { src, width: known?.width || told?.width || 0, height: known?.height || told?.height || 0 };
}

/** The host of a web address; empty for everything else. */
function hostOf(address: string): string {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) ? url.hostname.replace(/^www\./, '') : '';
  } catch {
    return '';
  }
}
