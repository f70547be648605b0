/** What the README of an example tells its reader to type, and to expect. */

/** Programs that are started, in the order of the first block of `sh`. */
export function programsOf(readme: string): string[] {
  const [, block] = /```sh no-run\n(.*?)\n```/s.exec(readme) ?? []
  if (block === undefined) throw new Error('the README has no block of sh')
  return block.split('\n')
}

/** A command, and all that it prints. */
export interface Exchange {
  readonly command: string
  readonly printed: string
}

/** Commands behind a `$` in blocks of `console`, each with the lines up to the next one. */
export function exchangesOf(readme: string): Exchange[] {
  const blocks = readme.matchAll(/```console\n(.*?)```/gs)
  return [...blocks].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const [command = '', ...lines] = text.split('\n')
        return { command, printed: lines.join('\n') }
      }),
  )
}
