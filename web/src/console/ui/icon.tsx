import { type FunctionComponent, h } from 'preact'
import type { IconNode } from 'lucide'

export type Icon = FunctionComponent<{ class?: string }>

/** A drawing in the colour of its text; css/base.css says how large. */
export function icon(node: IconNode): Icon {
  return ({ class: more }) => (
    <svg class={more ? `icon-svg ${more}` : 'icon-svg'} viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor"
      stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {node.map(([tag, attributes]) => h(tag, attributes as object))}
    </svg>
  )
}
