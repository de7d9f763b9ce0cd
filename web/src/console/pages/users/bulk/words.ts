import { t } from '../../../i18n'
import { number } from '../../../i18n/format'

/** "3 users", with a number as one reads it. */
export const usersWord = (count: number) => t().bulk.users(number(count), count === 1)
