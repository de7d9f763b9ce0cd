import './audit.css'
import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { ChevronRight, ChevronsLeft } from '../../ui/icons'
import { t } from '../../i18n'
import { useParams } from '../../ui/address'
import { Empty } from '../../ui/empty'
import { Page } from '../../ui/page'
import { TableSkeleton } from '../../ui/table'
import { Trouble } from '../../ui/trouble'
import { useAccount } from './account'
import { Broken, ChainBadge } from './badge'
import { ExportButton } from './export'
import { FilterBar } from './filter-bar'
import { FILTERS, type Filters, filtersOf, questionOf } from './filters'
import { RecordList } from './list'
import { pageAt, type Question } from './trail'

/** The newest page is looked at again this often. */
const REFRESH = 10_000

interface PagerProps {
  cursor: string | undefined
  next: string | null
  go: (cursor: string | undefined) => void
}

function Pager({ cursor, next, go }: PagerProps) {
  const words = t().audit
  return (
    <div class="pager">
      <span class="grow">{cursor ? words.earlier : words.newestShown}</span>
      <button type="button" disabled={!cursor} onClick={() => go(undefined)}><ChevronsLeft /> {words.newest}</button>
      <button type="button" disabled={!next} onClick={() => go(next ?? undefined)}>{words.older} <ChevronRight /></button>
    </div>
  )
}

function usePage(question: Question, cursor: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['/api/audit/', question, cursor],
    queryFn: ({ signal }) => pageAt(question, cursor, signal),
    placeholderData: keepPreviousData,
    enabled,
    ...(cursor ? {} : { refetchInterval: REFRESH }),
  })
}

function Nothing({ filtered, more, reset, on }: { filtered: boolean; more: boolean; reset: () => void; on: () => void }) {
  const words = t().audit
  if (more) return <Empty title={words.notYet} hint={words.notYetHint}><button type="button" onClick={on}>{words.further}</button></Empty>
  if (!filtered) return <Empty title={words.empty} hint={words.emptyHint} />
  return <Empty title={words.noMatch} hint={words.noMatchHint}><button type="button" onClick={reset}>{words.reset}</button></Empty>
}

export function AuditPage() {
  const words = t().audit
  const [params, changeParams] = useParams()
  const filters = filtersOf(params)
  const cursor = params['cursor']
  const actor = useAccount(filters.actor)
  const user = useAccount(filters.user)
  const unknown = { actor: actor.unknown, user: user.unknown }
  const known = !actor.unknown && !user.unknown && !actor.pending && !user.pending
  const question: Question = questionOf(filters, actor.id, user.id)
  const query = usePage(question, cursor, known)
  const change = (changes: Filters) => changeParams({ ...changes, cursor: undefined }, { step: true })
  const reset = () => change(Object.fromEntries(FILTERS.map((name) => [name, ''])))
  const go = (to: string | undefined) => {
    changeParams({ cursor: to }, { step: true })
    scrollTo(0, 0)
  }
  const problem = actor.problem ?? user.problem ?? query.error
  const page = known ? query.data : undefined
  return (
    <Page title={words.title} aside={<ChainBadge />} actions={<ExportButton question={question} disabled={!page?.records.length} />}>
      <Broken />
      <FilterBar filters={filters} change={change} reset={reset} unknown={unknown} />
      <div class="panel trail">
        {problem && !page ? <Trouble problem={problem} retry={() => void query.refetch()} />
          : unknown.actor || unknown.user ? <Empty title={words.unknown} hint={words.unknownHint}><button type="button" onClick={reset}>{words.reset}</button></Empty>
            : !page ? <TableSkeleton rows={10} columns={4} />
              : page.records.length
                ? <RecordList records={page.records} stale={query.isPlaceholderData} />
                : <Nothing filtered={Object.keys(filters).length > 0} more={page.next_cursor !== null} reset={reset} on={() => go(page.next_cursor ?? undefined)} />}
        {page && (page.records.length > 0 || cursor) && <Pager cursor={cursor} next={page.next_cursor} go={go} />}
      </div>
    </Page>
  )
}
