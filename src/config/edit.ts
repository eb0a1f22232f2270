import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Document, isMap, isSeq, parseDocument } from 'yaml'
import { ConfigError } from '../errors.ts'
import { parseConfig } from './file.ts'
import { makePrivateFolder } from './home.ts'
import type { FileConfig } from './schema.ts'
import { policyOf } from './policy.ts'
import { replaceFile } from './replace-file.ts'

/** A config file that is being changed: comments, order and everything else in it stay as they are. */
export class ConfigEdit {
  readonly path: string
  readonly #document: Document
  readonly #before: string | undefined

  /** A file that is not there is begun empty. Throws ConfigError when what is there is no valid config. */
  constructor(path: string) {
    this.path = path
    this.#before = textOf(path)
    const text = this.#before ?? ''
    parseConfig(text, path)
    const parsed = parseDocument(text, { uniqueKeys: true })
    this.#document = parsed.contents === null ? new Document({}) : parsed
    if (parsed.contents === null && parsed.commentBefore !== null)
      this.#document.commentBefore = parsed.commentBefore
  }

  /** Sets one setting; maps on the way to it are made. */
  set(path: readonly string[], value: unknown): void {
    this.#makeMaps(path.slice(0, -1))
    this.#document.setIn(path, this.#document.createNode(value))
  }

  /** Adds an entry to a list, which is made if it is not there. */
  append(path: readonly string[], entry: object): void {
    this.#makeMaps(path.slice(0, -1))
    if (!isSeq(this.#document.getIn(path, true))) this.#document.setIn(path, this.#document.createNode([]))
    this.#document.addIn(path, this.#document.createNode(entry))
    const list = this.#document.getIn(path, true)
    // `[]` was written in one line; entries read better below each other.
    if (isSeq(list) && list.items.length === 1) list.flow = false
  }

  /** Takes the entry of that name out of a list; undefined when there is none. An empty list goes too. */
  remove(path: readonly string[], name: string): Readonly<Record<string, unknown>> | undefined {
    return this.removeWhere(path, (entry) => isMap(entry) && entry.get('name') === name)[0]
  }

  /** Takes all that `matches` out of a list and returns it. An empty list goes too. */
  removeWhere(
    path: readonly string[],
    matches: (entry: unknown) => boolean,
  ): readonly Readonly<Record<string, unknown>>[] {
    const list = this.#document.getIn(path, true)
    if (!isSeq(list)) return []
    const found = list.items.filter((item) => matches(item))
    for (const item of found) this.#document.deleteIn([...path, list.items.indexOf(item)])
    if (list.items.length === 0) this.#document.deleteIn(path)
    return found.map((item) => (isMap(item) ? (item.toJSON() as Readonly<Record<string, unknown>>) : {}))
  }

  /** Sets members of the entry of that name, and takes out those that are undefined. Nothing happens when there is none. */
  alter(path: readonly string[], name: string, members: Readonly<Record<string, unknown>>): void {
    const list = this.#document.getIn(path, true)
    const entry = isSeq(list)
      ? list.items.find((item) => isMap(item) && item.get('name') === name)
      : undefined
    if (!isMap(entry)) return
    for (const [member, value] of Object.entries(members)) {
      if (value === undefined) entry.delete(member)
      else entry.set(member, value)
    }
  }

  has(path: readonly string[]): boolean {
    return this.#document.hasIn(path)
  }

  /** Takes a setting out. */
  delete(path: readonly string[]): void {
    this.#document.deleteIn(path)
  }

  /** The settings as they would be read. Throws ConfigError. */
  check(): FileConfig {
    const file = parseConfig(this.text(), this.path)
    policyOf(file)
    return file
  }

  text(): string {
    const contents = this.#document.contents
    if (isMap(contents) && contents.items.length === 0) return ''
    return this.#document.toString({ lineWidth: 0 })
  }

  /** Checks and writes: all of it or nothing. Throws ConfigError, also when somebody else wrote the file meanwhile. */
  save(): void {
    if (!this.saveUnlessChanged())
      throw new ConfigError(`somebody else changed the config file ${this.path} at the same time; try again`)
  }

  /** As `save`; false, and nothing is written, when somebody else wrote the file meanwhile. */
  saveUnlessChanged(): boolean {
    this.check()
    makePrivateFolder(dirname(this.path))
    // A link stays a link.
    const target = this.#before === undefined ? this.path : realpathSync(this.path)
    const mode = this.#before === undefined ? 0o600 : statSync(target).mode & 0o777
    return replaceFile(target, { text: this.text(), mode }, () => textOf(this.path) === this.#before)
  }

  #makeMaps(path: readonly string[]): void {
    for (let length = 1; length <= path.length; length++) {
      const part = path.slice(0, length)
      if (!isMap(this.#document.getIn(part, true))) this.#document.setIn(part, this.#document.createNode({}))
    }
  }
}

/** One change of a config file, made anew when somebody else writes the file meanwhile. Throws ConfigError, and what `change` does. */
export function editConfig<Result>(path: string, change: (edit: ConfigEdit) => Result): Result {
  for (;;) {
    const edit = openEdit(path)
    const result = change(edit)
    if (edit.saveUnlessChanged()) return result
  }
}

function openEdit(path: string): ConfigEdit {
  try {
    return new ConfigEdit(path)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(`nothing was changed, as the config file has a mistake: ${error.message}`, {
      cause: error,
    })
  }
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
