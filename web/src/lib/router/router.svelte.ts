/**
 * The current route and how it changes: the history API below the base path. Plain links anywhere in the page (messages
 * included) are followed without a reload when they point into the client. What covers the whole page is an entry of the
 * history too, since people close it by going back.
 */
import { basePath } from '../api/base';
import { formatRoute, parseRoute, type Route } from './routes';

class Router {
  route = $state.raw<Route>(read());
  /** Closes what covers the page. */
  #cover: (() => void) | null = null;

  go(route: Route, options: { replace?: boolean } = {}): void {
    this.goPath(formatRoute(route), options);
  }

  goPath(path: string, options: { replace?: boolean } = {}): void {
    const url = basePath + path.replace(/^\//, '');
    if (options.replace || isCover()) history.replaceState(null, '', url);
    else if (url !== location.pathname + location.search) history.pushState(null, '', url);
    this.route = read();
  }

  /** Where we are, as a path below the base; to come back to after a login. */
  get here(): string {
    return location.pathname.slice(basePath.length) + location.search;
  }

  /** Something covers the page from now on: going back calls `close`. To be told, by what is returned, when it is gone. */
  covered(close: () => void): () => void {
    history.pushState({ cover: true }, '');
    this.#cover = close;
    return () => {
      if (this.#cover !== close) return;
      this.#cover = null;
      // Nothing else took its place in the history.
      if (isCover()) history.back();
    };
  }

  start(): () => void {
    const back = () => {
      const close = this.#cover;
      this.#cover = null;
      close?.();
      this.route = read();
    };
    // What covered the page did not survive the reload.
    if (isCover()) history.replaceState(null, '');
    addEventListener('popstate', back);
    document.addEventListener('click', this.#follow);
    return () => {
      removeEventListener('popstate', back);
      document.removeEventListener('click', this.#follow);
    };
  }

  #follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link?.href || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(basePath)) return;
    const path = url.pathname.slice(basePath.length);
    if (path.startsWith('api/') || parseRoute(path).page === 'unknown') return;
    event.preventDefault();
    this.goPath(path + url.search);
  };
}

/** Whether the entry of the history where we are stands for what covers the page. */
function isCover(): boolean {
  return Boolean((history.state as { cover?: boolean } | null)?.cover);
}

function read(): Route {
  return parseRoute(location.pathname.slice(basePath.length), location.search);
}

/** The address of a route for an href. */
export function href(route: Route): string {
  return basePath + formatRoute(route);
}

export const router = new Router();
