/** What a user agent says it is, as far as people care: browser and system. Both are claims of whoever sent it. */
const BROWSERS: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\/|Chromium\//, 'Chrome'],
  [/Version\/.*Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/okhttp/, 'Android app'],
  [/CFNetwork/, 'iOS app'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X|Macintosh|Darwin/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

export interface Device {
  browser: string | undefined
  system: string | undefined
  /** Something that is held in the hand. */
  mobile: boolean
}

const first = (names: [RegExp, string][], agent: string) => names.find(([pattern]) => pattern.test(agent))?.[1]

export function deviceOf(agent: string): Device {
  const system = first(SYSTEMS, agent)
  return { browser: first(BROWSERS, agent), system, mobile: system === 'iPhone' || system === 'iPad' || system === 'Android' }
}
