import type { ComponentChildren } from 'preact'

export type Tone = 'good' | 'bad' | 'warm' | 'accent' | 'soft'

/** A word with a colour; the colour never says more than the word. */
export function Badge({ tone, dot, children }: { tone: Tone; dot?: boolean; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{dot && <span class="dot" />}{children}</span>
}
