/** What a list shows stands in the address, so that it can be kept, sent and gone back to. */
import { useLocation, useSearch } from 'wouter-preact'

export type Params = Record<string, string>

/** The query of the address, and a way to change it: what is '' or undefined is left out. By default the
 * change is no step of the history, as it comes with every letter that is typed. */
export function useParams(): [Params, (changes: Record<string, string | undefined>, options?: { step?: boolean }) => void] {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const params = Object.fromEntries(new URLSearchParams(search))
  const change = (changes: Record<string, string | undefined>, { step = false } = {}) => {
    // What the address is now, not what it was when this was drawn.
    const next = new URLSearchParams(location.search)
    for (const [key, value] of Object.entries(changes)) {
      if (value) next.set(key, value)
      else next.delete(key)
    }
    const query = next.toString()
    navigate(path + (query ? `?${query}` : ''), { replace: !step })
  }
  return [params, change]
}
