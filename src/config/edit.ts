import {
  chmodSync,
  existsSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Document, isMap, isSeq, parseDocument, type YAMLSeq } from 'yaml'
import { ConfigError } from '../errors.ts'
import { makePrivateFolder } from './home.ts'
import { parseConfig } from './file.ts'
import type { FileConfig } from './schema.ts'
import { policyOf } from './policy.ts'

/** A config file that is being changed: comments, order and everything else in it stay as they are. */
export class ConfigEdit {
  readonly path: string
  readonly #document: Document
  readonly #isNew: boolean

  /** A file that is not there is begun empty. Throws ConfigError when what is there is no valid config. */
  constructor(path: string) {
    this.path = path
    this.#isNew = !existsSync(path)
    const text = this.#isNew ? '' : readFileSync(path, 'utf8')
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
    const list = this.#document.getIn(path, true)
    if (!isSeq(list)) return undefined
    const index = (list as YAMLSeq).items.findIndex((item) => isMap(item) && item.get('name') === name)
    const item = list.items[index]
    if (!isMap(item)) return undefined
    const entry = item.toJSON() as Readonly<Record<string, unknown>>
    this.#document.deleteIn([...path, index])
    if (list.items.length === 0) this.#document.deleteIn(path)
    return entry
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

  /** Checks and writes: all of it or nothing. Throws ConfigError. */
  save(): void {
    this.check()
    makePrivateFolder(dirname(this.path))
    // A link stays a link.
    const target = this.#isNew ? this.path : realpathSync(this.path)
    const mode = this.#isNew ? 0o600 : statSync(target).mode & 0o777
    const fresh = `${target}.${process.pid}.new`
    try {
      writeFileSync(fresh, this.text(), { mode, flag: 'wx' })
      chmodSync(fresh, mode)
      renameSync(fresh, target)
    } catch (error) {
      throw new ConfigError(`the config file ${this.path} cannot be written`, { cause: error })
    }
  }

  #makeMaps(path: readonly string[]): void {
    for (let length = 1; length <= path.length; length++) {
      const part = path.slice(0, length)
      if (!isMap(this.#document.getIn(part, true))) this.#document.setIn(part, this.#document.createNode({}))
    }
  }
}
