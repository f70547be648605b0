/** Mistakes somebody could make in the fast path, as changes of its text. Each must be noticed. */

export interface Mutant {
  readonly name: string
  /** The file of the fast path, without its ending. */
  readonly file: string
  /** Stands there once. */
  readonly find: string
  readonly replace: string
  /** What is to notice it: the comparison with `node:http`, or the name of a case of attacks or of drains. */
  readonly by: 'comparison' | { readonly name: string }
}

type Row = readonly [name: string, find: string, replace: string, by?: string]

const parse: readonly Row[] = [
  ['a part of a line is foreign', "? line : 'more'", "? line : 'target'"],
  [
    'the first octets of a line are enough',
    'i < there && octets[at + i] === line.octets[i]',
    'i < there && (i > 12 || octets[at + i] === line.octets[i])',
  ],
  ['a name with any octet', 'TOKEN[octets[i] as number] === 1', 'octets[i] !== COLON'],
  ['a name of nothing', ' || i === start', ''],
  [
    'a blank before the colon',
    'if (i < limit && (octets[i] !== COLON',
    'while (i < limit && isBlank(octets[i])) i++\n    if (i < limit && (octets[i] !== COLON',
  ],
  [
    'blanks before a value belong to it',
    'while (i < limit && isBlank(octets[i])) i++\n    const value',
    'const value',
  ],
  ['blanks behind a value belong to it', 'while (end > value && isBlank(octets[end - 1])) end--', ''],
  ['a value with any octet but CR', 'VALUE[octets[i] as number] === 1', 'octets[i] !== CR'],
  ['a line ends in any octet behind CR', 'octets[i] !== CR || octets[i + 1] !== LF', 'octets[i] !== CR'],
  [
    'a line ends in LF',
    'octets[i] !== CR || octets[i + 1] !== LF',
    '(octets[i] !== CR || octets[i + 1] !== LF) && octets[i] !== LF',
  ],
  ['a header ends in any octet behind CR', "if (octets[i + 1] !== LF) return 'syntax'", ''],
  ['a field twice', '(has & known.bit) !== 0 || ', ''],
  ['any value of a known field', ' || !known.takes(octets, value, end)', ''],
  ['no field is needed', "if ((has & NEEDED) !== NEEDED) return 'field'", ''],
  [
    'no length is too long',
    "if (length > bodyMax) return 'size'",
    '',
    'a body that is too large is left to Node by what its header says',
  ],
  [
    'a header without end',
    'at + HEAD_MAX',
    'at + 100 * HEAD_MAX',
    'a header of more than 8 KiB is left to Node before it is whole',
  ],
  ['the body begins at LF', 'const body = i + 2', 'const body = i + 1'],
  [
    'a body is there before its last octet',
    'body + length > octets.length',
    'body + length > octets.length + 1',
  ],
  ['the next request begins an octet late', 'end: body + length }', 'end: body + length + 1 }'],
]

const known: readonly Row[] = [
  ['names have a case', 'octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet', 'octet'],
  ['transfer-encoding is not known', "  'transfer-encoding',\n", ''],
  ['expect is not known', "  'expect',\n", ''],
  ['content-encoding is not known', "  'content-encoding',\n", ''],
  ['any type', "['content-type', isJson]", "['content-type', () => true]"],
  ['a type that only begins right', 'type.length === end - start && ', ''],
  ['any connection', 'end - start === KEEP_ALIVE.length && isTextAt(octets, start, KEEP_ALIVE)', 'true'],
  ['a host of any octets', 'HOST[octets[i] as number] === 0', 'false'],
  ['a host of nothing', 'return end > start\n', 'return true\n'],
  ['a length of any octets', 'octet < 0x30 || octet > 0x39', 'false'],
  ['a length with an octet behind 9', 'octet > 0x39', 'octet > 0x3a'],
  ['a length of nothing', 'end > start && end - start', 'end - start'],
  ['a length that leads with zero', ' && octets[start] !== 0x30', ''],
  ['a length in octal', 'length * 10', 'length * 8'],
]

const octets: readonly Row[] = [
  ['a value with DEL', 'octet < 0x7f', 'octet <= 0x7f'],
  ['a value with obsolete text', 'octet >= SPACE && octet < 0x7f', 'octet >= SPACE && octet !== 0x7f'],
  ['a name with a brace', '"!#$%&', '"{(@!#$%&'],
]

const connection: readonly Row[] = [
  ['an idle connection stays', 'isIdle && this.#sweeps > idleSweeps', 'false', 'silence after an answer'],
  [
    'connections end as soon as it drains',
    'if (this.#wasQuiet) this.#finish()\n    else this.#wasQuiet = true',
    'this.#finish()',
    'connections without a request end at the second sweep, as a request may be on its way',
  ],
  [
    'an idle connection stays while it drains',
    'if (this.#wasQuiet) this.#finish()',
    'if (false) return',
    'connections without a request end at the second sweep, as a request may be on its way',
  ],
  [
    'a connection that waits ends while it drains',
    "if (this.#phase !== 'reading' || this.#part !== null) return\n    if (this.#was",
    'if (this.#part !== null) return\n    if (this.#was',
    'an answer that is waited for is still given',
  ],
  [
    'half a request ends while it drains',
    "if (this.#phase !== 'reading' || this.#part !== null) return\n    if (this.#was",
    "if (this.#phase !== 'reading') return\n    if (this.#was",
    'half a request is waited for',
  ],
  ['a failure is lost', 'return this.#lane.onFailure(reason)\n', 'return null\n'],
  ['nobody else has a turn', ' && count < turnMax', '', 'many requests at once let others have their turn'],
  [
    'nobody reads on after others had their turn',
    "if (this.#phase === 'resting') this.#read()",
    '',
    'many requests at once let others have their turn',
  ],
  [
    'a client that takes nothing is read on',
    'if (!this.#out.flush()) this.#block(rest)\n    else if',
    'this.#out.flush()\n    if',
    'answers that nobody takes, asked for one by one',
  ],
  [
    'a part of a request is forgotten',
    'this.#part === null ? chunk : Buffer.concat([this.#part, chunk])',
    'chunk',
  ],
  [
    'what is behind a request that waits is answered at once',
    'if (answer instanceof Promise) return this.#wait(answer, end - at, octets.subarray(end))',
    'if (answer instanceof Promise) {\n      void answer.then((one) => this.#out.put(one) || this.#out.flush(), (reason) => this.#out.put(this.#lane.onFailure(reason)) || this.#out.flush())\n      return end\n    }',
  ],
  [
    'what is behind a request that waits is lost',
    'if (rest.length > 0) this.#socket.unshift(alone(rest))',
    '',
  ],
  [
    'nobody reads on after a wait',
    "      this.#begin('reading')\n      this.#socket.resume()",
    "      this.#begin('reading')",
  ],
  [
    'the last answer leaves the connection open',
    'if (this.#out.put(answer)) return this.#finish()',
    'this.#out.put(answer)',
  ],
  [
    'a rejection is not heard',
    '(reason: unknown) => this.#settle(this.#lane.onFailure(reason)),',
    '() => {},',
  ],
  [
    'answers are written behind the hand-over',
    'const socket = this.#socket\n    this.#out.flush()\n',
    'const socket = this.#socket\n    setImmediate(() => this.#out.flush())\n',
  ],
  [
    'no resume after the hand-over',
    '    this.#lane.handOver(socket)\n    socket.resume()',
    '    this.#lane.handOver(socket)',
  ],
  ['the request is not put back', '    socket.unshift(rest)\n', ''],
  [
    'a client that ends in a request is not told',
    "else this.#refuse('HPE_INVALID_EOF_STATE')",
    'else this.#finish()',
  ],
  [
    'a client that ends is not let go',
    'if (this.#part === null) this.#finish()\n',
    'if (this.#part === null) return\n',
  ],
  [
    'a client that ends is not answered',
    'this.#hasEnded = true\n',
    "this.#hasEnded = true\n    if (this.#phase === 'asking') this.#socket.destroy()\n",
  ],
  ['no count of reads', 'this.#reads++', '', 'a header whose end comes octet by octet is read 64 times'],
  [
    'a request that never ends has no limit',
    '(!isIdle || !this.#out.hasAnswered) && this.#sweeps > requestSweeps',
    'false',
    'half a body',
  ],
  ['silence has no limit', '!isIdle || !this.#out.hasAnswered', '!isIdle', 'silence'],
  [
    'time begins anew with each part',
    'else if (this.#part === null) this.#sweeps = 0',
    'else this.#sweeps = 0',
    'parts that come just in time',
  ],
  [
    'time does not begin anew with a request',
    'else if (this.#part === null) this.#sweeps = 0',
    '',
    'a request in parts that are honest has its whole time after an answer',
  ],
  [
    'a client that takes nothing is waited for',
    'this.#cutIfStuck(blockedSweeps)\n',
    '',
    'answers that nobody takes',
  ],
  [
    'a slow reader is forgotten',
    "if (this.#phase === 'blocked') this.#read()",
    '',
    'a reader who takes a little at a time',
  ],
  [
    'batches have no limit',
    'this.#out.length >= limits.batchMax && ',
    'false && ',
    'answers that nobody takes',
  ],
  [
    'a client that stays is not dropped',
    'this.#socket.writableLength > 0 ? blockedSweeps : lingerSweeps',
    'Infinity',
    'a client that sends on after its last answer',
  ],
  [
    'a client that stays is dropped at once',
    'this.#socket.end()\n    this.#socket.resume()',
    'this.#socket.end()\n    this.#socket.destroy()',
    'a client that sends on after its last answer',
  ],
  [
    'what comes after the last answer is answered',
    "if (this.#phase !== 'reading') return\n    this.#reads++",
    'this.#reads++',
    'a client that sends on after its last answer',
  ],
  [
    'what is held is not counted',
    'this.#held.set(part.length)',
    '',
    'octets of all connections of one address',
  ],
  [
    'what was held is counted for ever',
    "this.#begin('gone')\n",
    "this.#phase = 'gone'\n",
    'octets of all connections of one address',
  ],
]

const outgoing: readonly Row[] = [
  [
    'drained connections stay',
    'isDraining && !said ?',
    'false ?',
    'the next answer is the last, and requests behind it are not answered',
  ],
]

const answer: readonly Row[] = [
  ['the length is one of characters', 'content-length: ${length}', 'content-length: ${body.length}'],
  ['a body is cut to octets', "length === body.length ? body : Buffer.from(body).toString('latin1')", 'body'],
  [
    'the last answer says that the connection stays',
    'return isLast ? this.#last : this.#open',
    'return this.#open',
  ],
]

const path: readonly Row[] = [
  [
    'connections that never end are left',
    '      for (const connection of connections) connection.destroy()\n',
    '',
    'what never ends is cut off when it is told to be',
  ],
]

type Alike = readonly [file: string, find: string, replace: string, reason: string]

/** Changes that nobody can notice, and why. */
export const ALIKE: readonly Alike[] = [
  [
    'fast-connection',
    '    this.#wasQuiet = false\n    this.#held.set(0)',
    '    this.#held.set(0)',
    'it is set while the server drains, and every answer is the last one then',
  ],
  [
    'parse-request',
    "there === line.octets.length ? line : 'more'",
    'line',
    'the header of a line that is not whole is not there either, so more is waited for in any case',
  ],
  [
    'known-fields',
    'octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet',
    'octet | 0x20',
    'no name, type or keep-alive has an octet that another one of the octets taken here would become',
  ],
  [
    'known-fields',
    ' && end - start <= LENGTH_DIGITS_MAX',
    '',
    'what has more digits is a longer body than is taken, also where it is not exact',
  ],
  [
    'fast-connection',
    "    socket.off('data', this.#onData)\n",
    '',
    'a connection that is gone does nothing with octets',
  ],
  [
    'fast-connection',
    'if (unsent < this.#unsent) this.#sweeps = 0',
    '',
    'one write is under way at a time, and counts until all of it is taken; then the phase ends',
  ],
  ['known-fields', "  'trailer',\n", '', 'without chunks Node does nothing with it'],
  ['known-fields', "  'te',\n", '', 'Node does nothing with it'],
  ['known-fields', "  'upgrade',\n", '', 'Node does nothing with it where connection does not name it'],
]

export const MUTANTS: readonly Mutant[] = [
  ...mutantsOf('parse-request', parse),
  ...mutantsOf('known-fields', known),
  ...mutantsOf('octets', octets),
  ...mutantsOf('fast-connection', connection),
  ...mutantsOf('outgoing', outgoing),
  ...mutantsOf('answer-text', answer),
  ...mutantsOf('fast-path', path),
]

function mutantsOf(file: string, rows: readonly Row[]): Mutant[] {
  return rows.map(([name, find, replace, by]) => ({
    name,
    file,
    find,
    replace,
    by: by === undefined ? 'comparison' : { name: by },
  }))
}
