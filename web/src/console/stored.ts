/** What the browser remembers for the console: settings, never data of anybody. */
import { effect, type Signal, signal } from '@preact/signals'

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null // storage may be switched off
  }
}

export function remember(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    return // then it lasts as long as the page
  }
}

/** A signal that is remembered. `read` takes what is stored, null when nothing is, and gives a value that is valid. */
export function stored<Value extends string>(key: string, read: (text: string | null) => Value): Signal<Value> {
  const kept = signal(read(recall(key)))
  effect(() => remember(key, kept.value))
  return kept
}
