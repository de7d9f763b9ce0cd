import type { ComponentChildren } from 'preact'
import { CountryName } from '../../catalogue'
import { t } from '../../i18n'
import { compact, date, day, languageName, money, number } from '../../i18n/format'
import { When } from '../../ui/when'
import { age } from './age'
import { type Account } from './data'
import { Timeline } from './timeline'

type Rows = [label: string, value: ComponentChildren][]

function Facts({ title, rows }: { title: string; rows: Rows }) {
  return (
    <section class="panel">
      <div class="panel-head"><h2>{title}</h2></div>
      <dl class="dossier">
        {rows.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value || <span class="soft">–</span>}</dd></div>)}
      </dl>
    </section>
  )
}

function profile(account: Account): Rows {
  const words = t().user
  const { birth_date: born, country, sex } = account
  return [
    [words.fields.email, <a href={`mailto:${account.email}`}>{account.email}</a>],
    [words.fields.phone, account.phone],
    [words.fields.sex, sex && t().sex[sex]],
    [words.fields.birth_date, born && <>{day(born)} <span class="soft">({words.age(age(born))})</span></>],
    [words.fields.country, country && <CountryName country={country} />],
    [words.fields.city, account.city?.name],
    [words.fields.language, languageName(account.language)],
    [words.fields.timezone, account.timezone],
    [words.fields.bio, account.bio && <span class="said">{account.bio}</span>],
  ]
}

function standing(account: Account): Rows {
  const words = t().user.fields
  return [
    [words.joined, <time dateTime={account.created_at}>{date(account.created_at)}</time>],
    [words.last_login, <When time={account.last_login} />],
    [words.sessions, number(account.sessions_count)],
    [words.unread, number(account.unread_count)],
  ]
}

function Figures({ account }: { account: Account }) {
  const words = t().user.counters
  const figures: [string, number, string][] = [
    [words.followers, account.followers_count, compact(account.followers_count)],
    [words.following, account.following_count, compact(account.following_count)],
    [words.posts, account.posts_count, compact(account.posts_count)],
    [words.likes, account.likes_received, compact(account.likes_received)],
    [words.comments, account.comments_received, compact(account.comments_received)],
    [words.campaigns, account.total_campaigns, compact(account.total_campaigns)],
    [words.earnings, account.total_earnings, money(account.total_earnings)],
  ]
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t().user.figures}</h2></div>
      <dl class="counters">
        {figures.map(([label, exact, shown]) => <div key={label}><dt>{label}</dt><dd title={number(exact)}>{shown}</dd></div>)}
      </dl>
    </section>
  )
}

function BanHistory({ account }: { account: Account }) {
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t().user.banHistory}</h2></div>
      <Timeline account={account} events={['account.ban', 'account.unban']} empty={<p class="panel-body soft">{t().user.banHistoryNone}</p>} />
    </section>
  )
}

export function Overview({ account }: { account: Account }) {
  return (
    <div class="overview">
      <Facts title={t().user.profile} rows={profile(account)} />
      <div class="stack">
        <Figures account={account} />
        <Facts title={t().user.account} rows={standing(account)} />
        <BanHistory account={account} />
      </div>
    </div>
  )
}
