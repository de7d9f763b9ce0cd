/** The console's words in the reader's language. A language is a file of the same shape as en.ts: what it lacks does not compile. */
import { computed } from '@preact/signals'
import { stored } from '../stored'
import { en } from './en'
import { es } from './es'

export type Words = typeof en

/** Each language under its own name. */
export const LANGUAGES = { en: 'English', es: 'Español' } as const
export type Language = keyof typeof LANGUAGES

const WORDS: Record<Language, Words> = { en, es }

const isLanguage = (tag: string | null): tag is Language => tag !== null && tag in WORDS
const preferred = () => navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en'

export const language = stored<Language>('language', (text) => (isLanguage(text) ? text : preferred()))

const words = computed(() => WORDS[language.value])
/** All words; a component that asks for them is drawn again when the language changes. */
export const t = (): Words => words.value
