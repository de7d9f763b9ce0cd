/** The file that an export makes. */
import { csv, downloadCsv } from '../../../csv'
import { roleOf } from '../../../ui/standing'
import type { User } from '../state'

const HEAD = [
  'id', 'username', 'first_name', 'last_name', 'email', 'phone', 'status', 'role', 'country', 'city', 'language', 'sex', 'birth_date',
  'date_joined', 'last_login', 'banned_until', 'followers_count', 'following_count',
]

const row = (user: User) => [
  user.id, user.username, user.first_name, user.last_name, user.email, user.phone, user.status, roleOf(user), user.country?.name,
  user.city?.name, user.language, user.sex, user.birth_date, user.date_joined, user.last_login, user.banned_until,
  user.followers_count, user.following_count,
]

export function exportUsers(users: User[]) {
  downloadCsv(`users-${new Date().toISOString().slice(0, 10)}.csv`, csv(HEAD, users.map(row)))
}
