import { computed, signal } from '@preact/signals'
import { type Document, type Operation, operationsOf } from './document'
import { search } from './search'

export const doc = signal<Document | undefined>(undefined)
export const trouble = signal('')
export const query = signal('')
/** Whether the list covers the page, where there is no room for both. */
export const menu = signal(false)

const fragment = signal(location.hash.slice(1))
addEventListener('hashchange', () => {
  fragment.value = location.hash.slice(1)
  menu.value = false
})

export const operations = computed<Operation[]>(() => (doc.value ? operationsOf(doc.value) : []))
export const found = computed(() => search(operations.value, query.value))
export const current = computed(() => operations.value.find((one) => one.id === fragment.value))

export async function load() {
  try {
    const answer = await fetch('/openapi.json')
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
    doc.value = (await answer.json()) as Document
  } catch (problem) {
    trouble.value = `The API's document could not be read: ${(problem as Error).message}`
  }
}
