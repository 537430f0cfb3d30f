/** What a session tells of where it is held, in words. Pure. */
import type { Session } from '@mattermost/types/sessions';
import * as m from '../messages';

type Held = Pick<Session, 'props' | 'device_id'>;

/** `Firefox on Linux`, `The app on Android`, `A browser`. */
export function deviceOf({ props, device_id }: Held): string {
  const named = text(props?.device_name);
  if (named) return named;
  const browser = text(props?.browser).replace(/\/.*/, '') || (device_id ? m.sessions_app() : m.sessions_browser());
  const system = text(props?.os) || text(props?.platform);
  return system ? m.sessions_device({ browser, system }) : browser;
}

/** The address or place from which it was begun, if the server says it. */
export function placeOf({ props }: Held): string {
  return text(props?.place) || text(props?.ip_address) || text(props?.ip);
}

/** Whether it is the one that asked. */
export function isCurrent({ props }: Pick<Session, 'props'>): boolean {
  return text(props?.current) === 'true';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
