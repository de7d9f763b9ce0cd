import { expect, test } from 'vitest'
import { csv } from './csv'

const only = (value: Parameters<typeof csv>[1][number][number]) => csv(['h'], [[value]]).slice('h\r\n'.length, -2)

test('cells with commas, quotes and line breaks are quoted', () => {
  expect(csv(['a', 'b'], [['x,y', 'say "hi"'], ['two\nlines', 'plain']])).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",plain\r\n')
})

test.each(['=1+1', '+49301234567', '-2', '@SUM(A1)', '\t=1', '\r=1', '  =1+1', '=HYPERLINK("http://x","y")', '＝1+1', '\n=1'])('%j is no formula', (text) => {
  expect(only(text).replace(/^"/, '')[0]).toBe("'")
})

test('numbers stay numbers, nothing is nothing', () => {
  expect([only(-5), only(1.5), only(null), only(undefined), only(true), only('')]).toEqual(['-5', '1.5', '', '', 'true', ''])
})
