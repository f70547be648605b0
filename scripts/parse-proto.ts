/** Reads the part of the language of `.proto` files that ours are written in: proto3 without options and extensions. */

/** One file. */
export interface ProtoFile {
  readonly package: string
  /** Paths of other files. */
  readonly imports: readonly string[]
  readonly messages: readonly ProtoMessage[]
  readonly enums: readonly ProtoEnum[]
  readonly services: readonly ProtoService[]
}

export interface ProtoMessage {
  readonly name: string
  readonly comment: string
  readonly fields: readonly ProtoField[]
  readonly messages: readonly ProtoMessage[]
  readonly enums: readonly ProtoEnum[]
}

export interface ProtoField {
  readonly name: string
  readonly number: number
  /** As written; of a map that of its values, whose keys are texts. */
  readonly type: string
  readonly count: 'one' | 'optional' | 'many' | 'map'
  /** The choice of which it is one, by name; null where it stands alone. */
  readonly choice: string | null
  readonly comment: string
}

export interface ProtoEnum {
  readonly name: string
  readonly values: readonly { readonly name: string; readonly number: number }[]
}

export interface ProtoService {
  readonly name: string
  readonly comment: string
  readonly methods: readonly ProtoMethod[]
}

export interface ProtoMethod {
  readonly name: string
  readonly request: string
  readonly response: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly comment: string
}

/** Reads a file; what it does not know is an error with its line. */
export function parseProto(text: string): ProtoFile {
  return new Parser(text).file()
}

class Parser {
  readonly #lines: readonly string[]
  #at = 0
  #comment: string[] = []

  constructor(text: string) {
    this.#lines = text.split('\n').map((line) => line.trim())
  }

  file(): ProtoFile {
    let name = ''
    const imports: string[] = []
    const messages: ProtoMessage[] = []
    const enums: ProtoEnum[] = []
    const services: ProtoService[] = []
    for (let line = this.#next(); line !== null; line = this.#next()) {
      const [, kind, rest = ''] = /^(syntax|package|import|message|enum|service) (.*)$/.exec(line) ?? []
      const [, word = ''] = /^([\w.]+)/.exec(rest) ?? []
      if (kind === 'package') name = word
      else if (kind === 'import') imports.push(rest.replaceAll(/[";]/g, ''))
      else if (kind === 'message') messages.push(this.#message(word, line))
      else if (kind === 'enum') enums.push(this.#enum(word))
      else if (kind === 'service') services.push(this.#service(word))
      else if (kind === undefined) throw this.#unknown(line)
      this.#comment = []
    }
    return { package: name, imports, messages, enums, services }
  }

  #message(name: string, first: string): ProtoMessage {
    const fields: ProtoField[] = []
    const messages: ProtoMessage[] = []
    const enums: ProtoEnum[] = []
    const end = { name, comment: this.#takeComment(), fields, messages, enums }
    if (first.endsWith('{}')) return end
    let choice: string | null = null
    for (let line = this.#next(); line !== null; line = this.#next()) {
      const [, kind, word = ''] = /^(message|enum|oneof) (\w+) \{/.exec(line) ?? []
      if (kind === 'message') messages.push(this.#message(word, line))
      else if (kind === 'enum') enums.push(this.#enum(word))
      else if (kind === 'oneof') choice = word
      else if (line === '}' && choice !== null) choice = null
      else if (line === '}') return end
      else fields.push(this.#field(line, choice))
      this.#comment = []
    }
    throw this.#unknown('the end of the file')
  }

  #field(line: string, choice: string | null): ProtoField {
    const [, map, count, type, name = '', number] =
      /^(?:map<string, (\w+)>|(optional |repeated )?([\w.]+)) (\w+) = (\d+);$/.exec(line) ?? []
    if (number === undefined) throw this.#unknown(line)
    const comment = this.#takeComment()
    const common = { name, number: Number(number), choice, comment }
    if (map !== undefined) return { ...common, type: map, count: 'map' }
    const counts = { 'optional ': 'optional', 'repeated ': 'many' } as const
    const said = count === undefined ? 'one' : counts[count as keyof typeof counts]
    return { ...common, type: type as string, count: choice === null ? said : 'optional' }
  }

  #enum(name: string): ProtoEnum {
    const values: { name: string; number: number }[] = []
    for (let line = this.#next(); line !== null && line !== '}'; line = this.#next()) {
      const [, value = '', number] = /^(\w+) = (\d+);$/.exec(line) ?? []
      if (number === undefined) throw this.#unknown(line)
      values.push({ name: value, number: Number(number) })
    }
    return { name, values }
  }

  #service(name: string): ProtoService {
    const comment = this.#takeComment()
    const methods: ProtoMethod[] = []
    for (let line = this.#next(); line !== null && line !== '}'; line = this.#next()) {
      const [, method = '', requests, request = '', responses, response] =
        /^rpc (\w+)\((stream )?([\w.]+)\) returns \((stream )?([\w.]+)\);$/.exec(line) ?? []
      if (response === undefined) throw this.#unknown(line)
      methods.push({
        name: method,
        request,
        response,
        requestStream: requests !== undefined,
        responseStream: responses !== undefined,
        comment: this.#takeComment(),
      })
    }
    return { name, comment, methods }
  }

  /** The comment before what was read last. */
  #takeComment(): string {
    const comment = this.#comment.join(' ')
    this.#comment = []
    return comment
  }

  /** The next line that says something; comments before it are kept. */
  #next(): string | null {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] as string
      if (line.startsWith('//')) this.#comment.push(line.slice(2).trim())
      else if (line !== '') {
        this.#at += 1
        return line
      }
    }
    return null
  }

  #unknown(line: string): Error {
    return new Error(`line ${this.#at}: ${JSON.stringify(line)} is not understood`)
  }
}
