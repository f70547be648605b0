import { compileScript } from './compile/compile-script.ts'
import type { CustomScript, Preamble, Script } from './scripts.ts'
import type { Shape } from './shape.ts'

/** Servers evict scripts beyond 500, and may be shared. */
const SCRIPTS_MAX = 64

/** Compiled scripts by shape; past {@link SCRIPTS_MAX} the least recently used one is dropped. */
export class ScriptCache {
  readonly #custom: readonly CustomScript[]
  readonly #preamble: Preamble
  readonly #scripts = new Map<string, Script>()

  constructor(custom: readonly CustomScript[], preamble: Preamble) {
    this.#custom = custom
    this.#preamble = preamble
  }

  of(shape: Shape): Script {
    const known = this.#scripts.get(shape.name)
    if (known !== undefined && this.#scripts.size < SCRIPTS_MAX) return known
    const script = known ?? compileScript(shape, this.#custom, this.#preamble)
    this.#scripts.delete(shape.name)
    this.#scripts.set(shape.name, script)
    const [oldest] = this.#scripts.keys()
    if (this.#scripts.size > SCRIPTS_MAX && oldest !== undefined) this.#scripts.delete(oldest)
    return script
  }
}
