import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isFolder, listFiles } from './source/list-files.ts'

/** What changes when a file is written or replaced, by whatever links it is reached; empty where there is none. */
async function fileSigns(file: string): Promise<string> {
  return signs(file, ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs])
}

/** What changes when a configuration does, which may be a file or the files of a folder. */
export async function configSigns(path: string): Promise<string> {
  if (!(await isFolder(path))) return fileSigns(path)
  try {
    const files = await listFiles(path)
    const all = await Promise.all(files.map(fileSigns))
    return files.map((file, i) => `${file}\n${all[i]}`).join('\n')
  } catch {
    return ''
  }
}

/** Tells a folder from one that takes its place, also where that has its number on the disk; empty where there is none. */
export async function folderSigns(folder: string): Promise<string> {
  return signs(folder, ({ dev, ino, birthtimeNs }) => [dev, ino, birthtimeNs])
}

async function signs(path: string, pick: (stats: BigIntStats) => readonly bigint[]): Promise<string> {
  try {
    return pick(await stat(path, { bigint: true })).join(':')
  } catch {
    return ''
  }
}
