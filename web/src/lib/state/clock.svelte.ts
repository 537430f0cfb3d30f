/** The minute and the focus of the window, as state: what shows a time or waits for attention depends on these. */
class Clock {
  /** Now, to the minute; enough for "today" and "yesterday". */
  minute = $state(Date.now());
  /** Whether somebody looks at this window. */
  focused = $state(document.hasFocus() && document.visibilityState === 'visible');

  start(): () => void {
    const timer = setInterval(() => (this.minute = Date.now()), 60_000);
    const look = () => {
      this.focused = document.hasFocus() && document.visibilityState === 'visible';
      if (this.focused) this.minute = Date.now();
    };
    addEventListener('focus', look);
    addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      removeEventListener('focus', look);
      removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
    };
  }
}

export const clock = new Clock();
