import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect } from 'preact/hooks'
import { SearchX, Users } from '../../ui/icons'
import { useLocation } from 'wouter-preact'
import { type Answer, ask } from '../../api'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { nameOf } from '../../people'
import { type Params, useParams } from '../../ui/address'
import { Badge } from '../../ui/badge'
import { Empty } from '../../ui/empty'
import { useShortcuts } from '../../ui/keys'
import { Page } from '../../ui/page'
import { Pager } from '../../ui/pager'
import { openRow, rowId, stepRow } from '../../ui/rows'
import { Table, TableSkeleton } from '../../ui/table'
import { Trouble } from '../../ui/trouble'
import { BulkBar } from './bulk/bar'
import { ExportButton } from './bulk/export'
import { type Chosen, useChosen } from './chosen'
import { ColumnChooser, columns, shown } from './columns'
import { Filters } from './filters'
import { SearchField } from './search'
import { focusOpened, keepListAddress } from './last'
import { FILTERS, filtersSet, questionOf, SORT, SORTS } from './state'
import './users.css'

type Accounts = Answer<'/api/users/'>
type Change = ReturnType<typeof useParams>[1]

function useUsers(params: Params) {
  const question = questionOf(params)
  return useQuery({
    queryKey: ['users', question],
    queryFn: ({ signal }) => ask('/api/users/', question, { signal }),
    placeholderData: keepPreviousData,
  })
}

function useListKeys({ page, limit, total }: Accounts, chosen: Chosen, goto: (page: number) => void) {
  const words = t().users.keys
  const pages = Math.ceil(total / limit)
  const select = () => {
    const id = rowId()
    if (id) chosen.toggle(id)
  }
  useShortcuts([
    { keys: 'j', label: words.down, run: () => stepRow(1) },
    { keys: 'k', label: words.up, run: () => stepRow(-1) },
    { keys: 'x', label: words.select, run: select },
    { keys: 'Enter', label: words.open, run: openRow },
    { keys: 'n', label: words.next, run: () => page < pages && goto(page + 1) },
    { keys: 'p', label: words.previous, run: () => page > 1 && goto(page - 1) },
    { keys: 'Escape', label: words.clear, run: chosen.clear },
  ])
}

function Nobody({ params, change }: { params: Params; change: Change }) {
  const words = t().users
  const narrowed = filtersSet(params) > 0 || params['q']
  if (!narrowed) return <Empty icon={Users} title={words.noneTitle} hint={words.noneHint} />
  const clear = () => change(Object.fromEntries([...FILTERS, 'q', 'page'].map((name) => [name, undefined])))
  return (
    <Empty icon={SearchX} title={words.emptyTitle} hint={words.emptyHint}>
      <button type="button" onClick={clear}>{words.clear}</button>
    </Empty>
  )
}

interface ListProps {
  accounts: Accounts
  params: Params
  change: Change
  stale: boolean
}

function List({ accounts, params, change, stale }: ListProps) {
  const [, navigate] = useLocation()
  const chosen = useChosen(accounts.users)
  const goto = (page: number) => change({ page: page > 1 ? String(page) : undefined }, { step: true })
  useListKeys(accounts, chosen, goto)
  useEffect(focusOpened, [])
  if (!accounts.users.length) return <Nobody params={params} change={change} />
  const visible = shown(params['columns'])
  return (
    <>
      <Table caption={t().users.caption} columns={columns().filter(({ id }) => visible.has(id))} rows={accounts.users}
        id={(user) => user.id} name={nameOf} selection={chosen.selection} stale={stale}
        sort={params['sort'] ?? SORT} onSort={(sort) => change({ sort: sort === SORT ? undefined : sort, page: undefined })}
        onOpen={(user) => navigate(`/users/${user.id}`)} />
      <Pager page={accounts.page} limit={accounts.limit} total={accounts.total} onPage={goto}
        onLimit={(limit) => change({ limit: String(limit), page: undefined })} />
      <BulkBar chosen={chosen} question={questionOf(params)} total={accounts.total} />
    </>
  )
}

function Sort({ params, change }: { params: Params; change: Change }) {
  const words = t().users
  return (
    <label class="choice">
      <span>{words.sort}</span>
      <select value={params['sort'] ?? SORT} onChange={({ currentTarget: { value } }) => change({ sort: value === SORT ? undefined : value, page: undefined })}>
        {SORTS.map((sort) => <option key={sort} value={sort}>{words.sorts[sort]}</option>)}
      </select>
    </label>
  )
}

export function UsersPage() {
  const [params, change] = useParams()
  keepListAddress(new URLSearchParams(params).toString())
  const users = useUsers(params)
  const narrow = (changes: Record<string, string | undefined>) => change({ ...changes, page: undefined })
  const total = users.data?.total
  return (
    <Page title={t().users.title}
      aside={total !== undefined && <Badge tone="soft"><span class="number">{number(total)}</span></Badge>}
      actions={<ExportButton question={questionOf(params)} total={total ?? 0} />}>
      <section class="panel users">
        <div class="toolbar">
          <SearchField value={params['q'] ?? ''} onValue={(q) => narrow({ q })} />
          <Filters params={params} change={narrow} />
          <span class="grow" />
          <Sort params={params} change={change} />
          <ColumnChooser asked={params['columns']} change={change} />
        </div>
        <p class="unseen" role="status">{total !== undefined && !users.isPlaceholderData && t().users.found(number(total), total === 1)}</p>
        {users.data
          ? <List accounts={users.data} params={params} change={change} stale={users.isPlaceholderData} />
          : users.isError
            ? <Trouble problem={users.error} retry={() => void users.refetch()} />
            : <TableSkeleton rows={10} columns={6} />}
      </section>
    </Page>
  )
}
