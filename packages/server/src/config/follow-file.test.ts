import {
  appendFileSync,
  type FSWatcher,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ManualClock, manualClock } from 'headgate/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followFile } from './follow-file.ts'
import type { WatchOptions } from './watch-file.ts'

let root: string
let folder: string
let file: string
let clock: ManualClock
let told: string[]
let read: string[]
let unfollow: () => void

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'headgate-follow-'))
  folder = join(root, 'config')
  file = join(folder, 'headgate.yaml')
  mkdirSync(folder)
  clock = manualClock()
  told = []
  read = []
})

afterEach(() => {
  unfollow()
  rmSync(root, { recursive: true })
})

/** Follows the file, and waits until it was read for the first time. */
async function follow(options: Pick<WatchOptions, 'watch'> = {}): Promise<void> {
  unfollow = followFile(file, {
    ...options,
    clock,
    onSettled: () => read.push(contents()),
    onUnwatched: (why) => told.push(why),
    onWatched: () => told.push('watched'),
  })
  await settled(contents())
}

function contents(): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return 'missing'
  }
}

/** Waits for the system to tell of a change: then a second timer runs, beside that of the look once a second. */
async function heard(): Promise<void> {
  await expect.poll(() => clock.pending, { interval: 1 }).toBe(2)
}

/** Lets time pass until this was read. */
async function settled(text: string): Promise<void> {
  const last = (): string | undefined => {
    clock.advance('50ms')
    return read.at(-1)
  }
  await expect.poll(last, { interval: 5 }).toBe(text)
}

/** As a ConfigMap is mounted: the file is a link through `..data`, which is replaced. */
function mount(version: string, text: string): void {
  mkdirSync(join(folder, version))
  writeFileSync(join(folder, version, 'headgate.yaml'), text)
  symlinkSync(version, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
}

describe('followFile', () => {
  it('hears of a file that is renamed into its place', async () => {
    writeFileSync(file, 'old')
    await follow()
    for (const text of ['new', 'newer']) {
      writeFileSync(`${file}.tmp`, text)
      renameSync(`${file}.tmp`, file)
      await heard()
      await settled(text)
    }
  })

  it('hears of a ConfigMap that changes', async () => {
    symlinkSync('..data/headgate.yaml', file)
    mount('..1', 'old')
    await follow()
    for (const version of [2, 3]) {
      mount(`..${version}`, `version ${version}`)
      await heard()
      rmSync(join(folder, `..${version - 1}`), { recursive: true })
      await settled(`version ${version}`)
    }
  })

  it('reads a file that is written in pieces when it is whole', async () => {
    writeFileSync(file, 'old')
    await follow()
    writeFileSync(file, '')
    await heard()
    for (const piece of ['one, ', 'two, ', 'three']) {
      clock.advance('50ms')
      // What the last look saw is to have changed when it looks again.
      await expect.poll(() => clock.pending, { interval: 1 }).toBe(2)
      appendFileSync(file, piece)
    }
    await settled('one, two, three')
    expect(new Set(read)).toEqual(new Set(['old', 'one, two, three']))
  })

  it('hears of a file that is deleted, and of its return', async () => {
    writeFileSync(file, 'old')
    await follow()
    rmSync(file)
    await heard()
    await settled('missing')
    writeFileSync(file, 'back')
    await heard()
    await settled('back')
    expect(told).toEqual([])
  })

  it('says once that the folder is gone, and watches one that comes back', async () => {
    writeFileSync(file, 'old')
    await follow()
    rmSync(folder, { recursive: true })
    await settled('missing')
    const passed = (): string[] => {
      clock.advance('1s')
      return told
    }
    await expect.poll(passed, { interval: 5 }).toEqual(['it is not there'])
    for (let i = 0; i < 3; i++) passed()
    mkdirSync(folder)
    writeFileSync(file, 'back')
    await expect.poll(passed, { interval: 5 }).toEqual(['it is not there', 'watched'])
    await settled('back')
    writeFileSync(file, 'newer')
    await heard()
    await settled('newer')
  })

  it('watches a folder that takes the place of another', async () => {
    writeFileSync(file, 'old')
    await follow()
    renameSync(folder, join(root, 'before'))
    mkdirSync(folder)
    writeFileSync(file, 'other')
    await settled('other')
    writeFileSync(file, 'newer')
    await settled('newer')
    expect(told).toEqual([])
  })

  it('finds out within a second what a link into another folder points to', async () => {
    const elsewhere = join(root, 'elsewhere.yaml')
    writeFileSync(elsewhere, 'old')
    symlinkSync(elsewhere, file)
    await follow()
    writeFileSync(elsewhere, 'newer')
    await settled('newer')
  })

  it.each([
    ['ENOSPC', 'the system has no watches left (ENOSPC)'],
    ['EMFILE', 'the system has no watches left (EMFILE)'],
    ['EACCES', 'the system refuses (EACCES)'],
  ])('finds changes within a second where watching fails with %s, which it says once', async (code, why) => {
    writeFileSync(file, 'old')
    let refuses = true
    const watchFolder = (path: string): FSWatcher => {
      if (refuses) throw Object.assign(new Error('refused'), { code })
      return watch(path, { persistent: false })
    }
    await follow({ watch: watchFolder })
    for (const text of ['newer', 'newest']) {
      writeFileSync(file, text)
      await settled(text)
    }
    expect(told).toEqual([why])
    refuses = false
    const passed = (): string[] => {
      clock.advance('1s')
      return told
    }
    await expect.poll(passed, { interval: 5 }).toEqual([why, 'watched'])
  })

  it('leaves no timer behind', async () => {
    writeFileSync(file, 'old')
    await follow()
    unfollow()
    expect(clock.pending).toBe(0)
  })
})
