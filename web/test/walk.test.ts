import { afterEach, beforeEach, expect, it } from 'vitest';
import { walk, walkTabs } from '../src/components/ui/walk';

let list: HTMLElement;
let chosen: string[];
const press = (key: string) => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  document.activeElement!.dispatchEvent(event);
  return event.defaultPrevented;
};
const here = () => document.activeElement?.textContent;

beforeEach(() => {
  chosen = [];
  list = document.createElement('div');
  list.innerHTML = ['a', 'b', 'c'].map((name) => `<button role="tab">${name}</button><button>other</button>`).join('');
  list.addEventListener('click', ({ target }) => chosen.push((target as Element).textContent!));
  document.body.append(list);
  list.querySelector('button')!.focus();
});
afterEach(() => list.remove());

it('leads to the neighbours, round the ends, and to the ends', () => {
  list.onkeydown = (event) => void walk(event as never, '[role=tab]');
  const led = ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'Home', 'End'].map((key) => {
    expect(press(key)).toBe(true);
    return here();
  });
  expect(led).toEqual(['b', 'c', 'a', 'c', 'b', 'a', 'c']);
  expect(chosen).toEqual([]);
});

it('leaves other keys alone', () => {
  list.onkeydown = (event) => void walk(event as never, '[role=tab]');
  expect([press('Tab'), press('x'), here()]).toEqual([false, false, 'a']);
});

it('chooses the tab that it leads to', () => {
  list.onkeydown = (event) => walkTabs(event as never);
  press('ArrowRight');
  press('End');
  press('y');
  expect(chosen).toEqual(['b', 'c']);
});
