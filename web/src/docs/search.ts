import type { Operation } from './document'

const HITS = [
  (one: Operation) => `${one.title} ${one.id}`,
  (one: Operation) => `${one.method} ${one.path}`,
  (one: Operation) => `${one.section} ${one.parameters.map((p) => p.name).join(' ')}`,
  (one: Operation) => `${one.text} ${one.body ? JSON.stringify(one.body.example) : ''}`,
]

/** How well a word fits: the lower the better, and beyond all places when it is nowhere. */
function rank(one: Operation, word: string): number {
  const place = HITS.findIndex((text) => text(one).toLowerCase().includes(word))
  return place < 0 ? Infinity : place
}

/** Those in which every word is found, the best first; equals stay in their order. */
export function search(all: Operation[], query: string): Operation[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const score = (one: Operation) => words.reduce((sum, word) => sum + rank(one, word), 0)
  return all
    .map((one) => ({ one, score: score(one) }))
    .filter((row) => row.score < Infinity)
    .sort((a, b) => a.score - b.score)
    .map((row) => row.one)
}
