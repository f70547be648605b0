/** A Dockerfile as data: its stages, and in each the instructions in their order. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  readonly name: string
  readonly args: string
}

export interface DockerStage {
  readonly base: string
  /** What other stages call it. */
  readonly name: string | null
  readonly instructions: readonly Instruction[]
}

/** Reads what this repository's Dockerfile uses of the language: no directives, no heredocs, and no arguments before the first stage. */
export function readDockerfile(text: string): DockerStage[] {
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = []
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  for (const line of lines.join('\n').replaceAll(/\\\n/g, ' ').split('\n')) {
    const [, name = '', args = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? []
    if (name === 'FROM') {
      const [base = '', , as = null] = args.split(/\s+/)
      stages.push({ base, name: as, instructions: [] })
    } else if (name !== '') stages.at(-1)?.instructions.push({ name, args: args.replaceAll(/\s+/g, ' ') })
  }
  return stages
}

/** The arguments of the last instruction of a name; throws where there is none. */
export function lastOf(stage: DockerStage, name: string): string {
  const found = stage.instructions.findLast((instruction) => instruction.name === name)
  if (found === undefined) throw new Error(`the Dockerfile has no ${name}`)
  return found.args
}

/** The exec form: `["headgate", "serve"]`. */
export function execForm(args: string): string[] {
  return JSON.parse(args.slice(args.indexOf('['))) as string[]
}

/** What `ENV` or `LABEL` says. */
export function pairsOf(args: string): Record<string, string> {
  const pairs = [...args.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S+))/g)]
  return Object.fromEntries(pairs.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']))
}

/** The files of the repository that its `.dockerignore` sends: one that leaves out all, and then names what is wanted and what of that is not. */
export function contextFiles(ignore: string, files: readonly string[]): string[] {
  const patterns = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return files.filter((file) => {
    let isIgnored = false
    for (const pattern of patterns) {
      const isWanted = pattern.startsWith('!')
      if (covers(isWanted ? pattern.slice(1) : pattern, file)) isIgnored = !isWanted
    }
    return !isIgnored
  })
}

/** Whether a pattern fits the file or a folder that it lies in. */
function covers(pattern: string, file: string): boolean {
  const parts = file.split('/')
  const source = pattern
    .replaceAll('.', '\\.')
    .replaceAll('**/', '(.+/)?')
    .replaceAll(/(?<![.)])\*/g, '[^/]*')
  return parts.some((_, index) => new RegExp(`^${source}$`).test(parts.slice(0, index + 1).join('/')))
}
