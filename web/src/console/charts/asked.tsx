import type { UseQueryResult } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { t } from '../i18n'
import { Trouble } from '../ui/trouble'
import { Frame } from './figure'

interface Props<Data> {
  title: string
  query: UseQueryResult<Data>
  children: (data: Data) => ComponentChildren
}

/** A chart of what is being asked for: in its frame from the beginning, so that nothing moves when it comes. */
export function Asked<Data>({ title, query, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  return (
    <Frame title={title}>
      {query.error
        ? <Trouble problem={query.error} retry={() => void query.refetch()} />
        : <div class="waiting" role="status" aria-label={t().common.loading}><span class="bone" /></div>}
    </Frame>
  )
}
