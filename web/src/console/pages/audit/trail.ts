/** Reads the trail, page by page. */
import { type Answer, ask, type Body } from '../../api'

type Page = Answer<'/api/audit/'>
export type AuditRecord = Page['records'][number]
export type Question = Omit<Body<'/api/audit/'>, 'cursor' | 'limit'>

const PAGE = 50
const WHOLE_PAGE = 100
/** A page may come back empty where the server has looked far enough for one request. */
const LOOKS = 10

/** The page at a cursor. Where the server found nothing yet it is asked to go on, for a while. */
export async function pageAt(question: Question, cursor: string | undefined, signal: AbortSignal): Promise<Page> {
  let at = cursor
  for (let looks = 1; ; looks++) {
    const page = await ask('/api/audit/', { ...question, limit: PAGE, ...(at ? { cursor: at } : {}) }, { signal })
    if (page.records.length || !page.next_cursor || looks === LOOKS) return page
    at = page.next_cursor
  }
}

/** The newest records that match, up to `most`; `progress` is told how many there are so far. */
export async function newest(question: Question, most: number, progress: (count: number) => void, signal: AbortSignal) {
  const records: AuditRecord[] = []
  let cursor: string | null = null
  do {
    const page: Page = await ask('/api/audit/', { ...question, limit: WHOLE_PAGE, ...(cursor ? { cursor } : {}) }, { signal })
    records.push(...page.records)
    cursor = page.next_cursor
    progress(records.length)
  } while (cursor && records.length < most)
  return { records: records.slice(0, most), all: !cursor && records.length <= most }
}
