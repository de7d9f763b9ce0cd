/** Somebody's initials on a colour of their own. Pictures are elsewhere, and the console asks nothing of anybody but its server. */
const HUES = 12

function hue(id: number) {
  return ((id * 7) % HUES) * (360 / HUES)
}

function initials(name: string) {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => (word ? [...word][0] : '')).join('').toLocaleUpperCase()
}

export function Avatar({ id, name, size }: { id: number; name: string; size?: 'large' | 'small' }) {
  return <span class={`avatar ${size ?? ''}`} aria-hidden="true" style={{ '--hue': `${hue(id)}` }}>{initials(name)}</span>
}
