import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Logs that lie in a folder of their own. */
export interface WrittenLogs {
  readonly log: string
  readonly zipped: string
  remove(): void
}

const MONTH = 'Oct'
const PER_SECOND = 200

/** Writes a log of the combined format as a site of some size has it: few addresses ask often, most of them seldom. */
export function writeLogs(lines: number, addresses: number): WrittenLogs {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'))
  const [log, zipped] = [join(folder, 'access.log'), join(folder, 'access.log.gz')]
  const file = openSync(log, 'w')
  const random = seeded()
  let text = ''
  for (let i = 0; i < lines; i++) {
    text += line(i, Math.floor(addresses * random() ** 3), Math.floor(500 * random()))
    if (text.length > 1_000_000 || i === lines - 1) {
      writeSync(file, text)
      text = ''
    }
  }
  closeSync(file)
  writeFileSync(zipped, gzipSync(readFileSync(log)))
  return { log, zipped, remove: () => rmSync(folder, { recursive: true }) }
}

function line(i: number, address: number, item: number): string {
  const ip = `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`
  const at = Math.floor(i / PER_SECOND)
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = `${two(1 + Math.floor(at / 86_400))}/${MONTH}/2026:${two(Math.floor(at / 3600) % 24)}:${two(Math.floor(at / 60) % 60)}:${two(at % 60)} +0000`
  const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'
  return `${ip} - - [${time}] "GET /api/items/${item}?page=2 HTTP/1.1" 200 1234 "https://example.com/start" "${agent}"\n`
}

/** The same numbers each time, from 0 to 1. */
function seeded(): () => number {
  let state = 1
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
