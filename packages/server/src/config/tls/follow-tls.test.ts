import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from 'headgate/testing'
import { expect, it } from 'vitest'
import { followTls } from './follow-tls.ts'

it('followTls tells at the beginning, once for files that change together, and no more when it has ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-follow-'))
  const [certFile, keyFile, clientCaFile] = ['cert', 'key', 'ca'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const file of [certFile, keyFile, clientCaFile]) writeFileSync(file, 'one')
  const clock = manualClock()
  let told = 0
  const unfollow = followTls(
    { certFile, keyFile, certificates: [], clientCaFile, listeners: [] },
    { clock, onSettled: () => told++ },
  )
  const after = (times: number) =>
    expect
      .poll(
        () => {
          clock.advance('50ms')
          return told
        },
        { interval: 5 },
      )
      .toBe(times)
  await after(1)
  for (const [i, file] of [certFile, keyFile, clientCaFile].entries()) {
    writeFileSync(`${file}.new`, 'two')
    renameSync(`${file}.new`, file)
    await after(2 + i)
  }
  for (const file of [certFile, keyFile]) rmSync(file)
  await after(5)
  unfollow()
  expect(clock.pending).toBe(0)
  rmSync(folder, { recursive: true })
})
